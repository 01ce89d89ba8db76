"""The play, act by act: import, send a newsletter and a flash, let simulated readers read, print both reports."""

import os
import time
from pathlib import Path
from typing import Any

from rich.progress import Progress

from mailer import reporting
from mailer.app import Mailer, create_mailer, first_administrator_link
from mailer.demo import closing, readers
from mailer.demo.stage import Stage, ending_at_sigterm, prepare, running
from mailer.demo.telling import Bar, Tell, add_bar, bars_on_screen, say
from mailer.sending import Answers

FOLDER = Path("var/demo")
DATA = Path(__file__).parent / "data"
IMPORTS = (
    ("organisations", "collectivites.csv"),
    ("exclusions", "desinscrits.csv"),
    ("contacts", "contacts.csv"),
)
#: Each issue that is sent, and the profile of its simulated readers.
ISSUES = (("newsletter/2026-06", "newsletter"), ("flash/2026-06-11", "flash"))
BY = "demo"
_NEWS_SECONDS = 90
_CLICK_SECONDS = 13


def play(*, serve: bool, tell: Tell | None = None) -> None:
    """Everything, under var/demo of the present folder; with `serve` the desk stays until Ctrl-C.

    The reports are printed for people, or told once, as values for a program.
    """
    stage = prepare(FOLDER.resolve())
    os.environ.update(stage.environment)
    with ending_at_sigterm(), running(stage):
        mailer = create_mailer(stage.folder)
        try:
            _acts(mailer, stage)
            if tell:
                tell(_values(mailer, stage))
            else:
                _print_reports(mailer, stage)
            if serve:
                _serve(mailer, stage, quiet=tell is not None)
        finally:
            mailer.close()


def _acts(mailer: Mailer, stage: Stage) -> None:
    t = mailer.translator()
    with bars_on_screen() as bars:
        _import_all(mailer, bars)
        closing.close_mailboxes(mailer, stage)
        for ref, _ in ISSUES:
            _send(mailer, ref, add_bar(bars, t("Sending {issue}", issue=ref)))
        for ref, profile in ISSUES:
            bar = add_bar(bars, t("SIMULATED readers of {issue}", issue=ref))
            readers.read(stage.maildir, issue=ref, profile=profile, base_url=stage.base_url, progress=bar)
        _wait_for_news(mailer, add_bar(bars, t("News from the provider")))
        _wait_for_clicks(add_bar(bars, t("Clicks are told from scanners")))
    mailer.run_due()


def _values(mailer: Mailer, stage: Stage) -> dict[str, Any]:
    reports = [reporting.as_json(mailer.report(ref)) for ref, _ in ISSUES]
    return {"readers": "SIMULATED", "reports": reports, "maildir": str(stage.maildir), "desk": stage.base_url}


def _print_reports(mailer: Mailer, stage: Stage) -> None:
    t = mailer.translator()
    for ref, _ in ISSUES:
        say("")
        say(reporting.as_text(mailer.report(ref), t))
    say("")
    say(
        t(
            "Openings, clicks, unsubscribes and closed mailboxes above are SIMULATED. The mail is in {path}.",
            path=stage.maildir,
        )
    )


def _send(mailer: Mailer, ref: str, bar: Bar) -> None:
    answers = Answers(recipients=mailer.departures.foresee(ref).count)
    mailer.send_now(ref, by=BY, progress=lambda seen: bar(seen.done, seen.planned), answers=answers)


def _import_all(mailer: Mailer, bars: Progress) -> None:
    t = mailer.translator()
    for kind, name in IMPORTS:
        bar = add_bar(bars, t("Importing {file}", file=name))
        report = mailer.import_file(kind, DATA / name, by=BY)
        total = report.new + report.changed + report.unchanged + report.duplicates + len(report.rejected)
        bar(total, total)


def _wait_for_news(mailer: Mailer, bar: Bar) -> None:
    """Until the provider has told the fate of every accepted copy, or for a minute and a half."""
    until = time.monotonic() + _NEWS_SECONDS
    while time.monotonic() < until:
        reports = [mailer.report(ref) for ref, _ in ISSUES]
        accepted = sum(report.letter.accepted for report in reports)
        told = sum(report.told for report in reports)
        bar(told, accepted)
        if told == accepted and not any(report.letter.in_doubt for report in reports):
            return
        time.sleep(0.5)


def _wait_for_clicks(bar: Bar) -> None:
    """A click is counted once it is sure that no scanner followed every link of the mail: ten seconds and a little."""
    for second in range(_CLICK_SECONDS):
        bar(second, _CLICK_SECONDS)
        time.sleep(1)
    bar(_CLICK_SECONDS, _CLICK_SECONDS)


def _serve(mailer: Mailer, stage: Stage, *, quiet: bool) -> None:
    if not quiet:
        _print_addresses(mailer, stage)
    try:
        while True:
            mailer.run_due()
            time.sleep(5)
    except KeyboardInterrupt:
        return


def _print_addresses(mailer: Mailer, stage: Stage) -> None:
    t = mailer.translator()
    say("")
    link = first_administrator_link(mailer)
    if link:
        say(t("First visit: open {link} to choose a password (valid for 24 hours).", link=link))
    say(t("The desk: {url}   (Ctrl-C stops it)", url=stage.base_url))
