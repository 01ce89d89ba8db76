"""The play of the year: every step once, whatever interrupts it, and at the end everything is compared."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.progress import Progress

from mailer.app import first_administrator_link
from mailer.clock import SystemClock
from mailer.demo.telling import Tell, add_bar, bars_on_screen, say
from mailer.demo.year import acts
from mailer.demo.year.calendar import WHOLE, YEAR, Size, departures
from mailer.demo.year.checking import Comparison, compare
from mailer.demo.year.house import END, House, opened
from mailer.errors import RefusedError
from mailer.i18n import marked
from mailer.reporting import reviews
from mailer.sandbox.post import read_journal

FOLDER = Path("var/annee")
_DIFFER = marked(
    "{count} of {compared} figures differ between the reports, the provider's journal and the readers' notes. "
    "The first: {where}, {figure}: {told} against {found}."
)


def play_year(
    *, serve: bool, size: Size = WHOLE, folder: Path = FOLDER, tell: Tell | None = None
) -> Comparison:
    """The whole year under `folder`; one that was interrupted goes on, one that was finished begins anew.

    Raises RefusedError where any figure of the reports differs from the provider's journal or the readers' notes.
    """
    began = time.monotonic()
    with opened(folder.resolve(), size, first=departures(size)[0]) as house:
        _play(house)
        found = compare(
            house.mailer, house.letters, house.book, read_journal(house.stage.folder / "var" / "sandbox")
        )
        house.book.write(END, {"differences": len(found.differences)})
        _refuse(found)
        _say(house, found, seconds=time.monotonic() - began, tell=tell)
        if serve:
            _stay(house, quiet=tell is not None)
    return found


def _play(house: House) -> None:
    t = house.mailer.translator()
    letters = house.letters
    with bars_on_screen() as bars:
        whole = add_bar(bars, t("SIMULATED year {year}: letters", year=YEAR))
        if "list" not in house.book:
            acts.take_list_in(house)
        for number, letter in enumerate(letters):
            whole(number, len(letters))
            if letter.ref not in house.book:
                _play_letter(house, number, bars)
        whole(len(letters), len(letters))


def _play_letter(house: House, number: int, bars: Progress) -> None:
    """People join and mailboxes close before each newsletter; then the letter itself."""
    letters = house.letters
    letter = letters[number]
    if letter.campaign == "newsletter":
        if f"people {letter.on}" not in house.book:
            acts.let_people_join(house, letter.on)
        if f"closed {letter.on}" not in house.book:
            acts.close_mailboxes(house, letter.on, first=letter.number == 1)
    following = letters[number + 1].at if number + 1 < len(letters) else None
    task = bars.add_task(letter.ref, total=None)
    acts.send_and_read(
        house,
        letter,
        until=following,
        bar=lambda done, total: bars.update(task, completed=done, total=total),
    )
    bars.remove_task(task)


def _refuse(found: Comparison) -> None:
    if found.differences:
        first = found.differences[0]
        raise RefusedError(
            _DIFFER,
            count=len(found.differences),
            compared=found.compared,
            where=first.where,
            figure=first.figure,
            told=first.told,
            found=first.found,
        )


def _say(house: House, found: Comparison, *, seconds: float, tell: Tell | None) -> None:
    t = house.mailer.translator()
    review = house.mailer.measures.year(YEAR)
    if tell:
        values: Mapping[str, Any] = {
            "readers": "SIMULATED",
            "year": reviews.year_json(review, t),
            "compared": found.compared,
            "seconds": round(seconds),
            "folder": str(house.stage.folder),
        }
        tell(values)
        return
    say(reviews.year_text(review, t))
    say("")
    say(
        t(
            "Everything above is SIMULATED. {count} figures agree to the unit with the provider's journal and the readers' notes. "
            "Played in {minutes} minutes.",
            count=t.number(found.compared),
            minutes=t.number(max(1, round(seconds / 60))),
        )
    )


def _stay(house: House, *, quiet: bool) -> None:
    """The desk stays, in the present, until Ctrl-C."""
    house.clock.put(SystemClock().now())
    t = house.mailer.translator()
    link = first_administrator_link(house.mailer)
    if not quiet:
        if link:
            say(t("First visit: open {link} to choose a password (valid for 24 hours).", link=link))
        say(t("The desk: {url}   (Ctrl-C stops it)", url=house.stage.base_url))
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(60)
