"""What a departure asks of whoever gives the command: options for scripts, questions on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from mailer.app import Mailer
from mailer.cli.output import say
from mailer.errors import RefusedError, UnconfirmedError
from mailer.i18n import Translator
from mailer.sending import Answers, Moved, Pressure
from mailer.web.letter_words import moved_sentence, pressure_sentence

Recipients = Annotated[
    int | None,
    typer.Option("--recipients", min=0, help="How many people it must go to, else nothing leaves."),
]
ConfirmMoved = Annotated[
    bool, typer.Option("--confirm-moved", help="Yes, the audience is meant to have moved so much.")
]


def ask(mailer: Mailer, issue: str, *, recipients: int | None, confirm_moved: bool, as_json: bool) -> Answers:
    """What the options say; on a terminal, what they leave open is asked. A script is asked nothing."""
    if not _is_attended(as_json=as_json) or mailer.running.unfinished(issue) is not None:
        return Answers(recipients=recipients, moved=confirm_moved, attended=False)
    foreseen, t = mailer.departures.foresee(issue), mailer.translator()
    if foreseen.must_type and recipients is None:
        recipients = _typed_number(t, foreseen.count)
    if foreseen.moved and foreseen.must_confirm and not confirm_moved:
        confirm_moved = _confirmed(t, foreseen.moved)
    return Answers(recipients=recipients, moved=confirm_moved)


def ask_pressure(mailer: Mailer, issue: str, *, at: str | None, as_json: bool) -> Pressure | None:
    """Who would get too many mails: said, and on a terminal asked about. Raises RefusedError for a no."""
    found, t = mailer.departures.pressure(issue, at=at), mailer.translator()
    if found is None or as_json:
        return found
    say(pressure_sentence(t, found))
    if _is_attended(as_json=as_json) and not typer.confirm(t("Schedule it all the same?")):
        raise RefusedError("Nothing was scheduled.")
    return found


@contextmanager
def telling_options() -> Iterator[None]:
    """Where something was left unsaid, also name the option that says it."""
    try:
        yield
    except UnconfirmedError as error:
        if error.wanted == "moved":
            raise RefusedError(
                "The audience has moved: {arrivals} arrivals, {departures} departures since {issue} ({former}"
                " people). If this is meant, give --confirm-moved; nothing was scheduled.",
                **error.values,
            ) from error
        raise RefusedError(
            "This letter goes to {count} people: give --recipients {count}. Nothing was scheduled.",
            **error.values,
        ) from error


def _is_attended(*, as_json: bool) -> bool:
    return not as_json and sys.stdin.isatty() and sys.stdout.isatty()


def _typed_number(t: Translator, count: int) -> int | None:
    say(t("This letter goes to {count} people.", count=t.number(count)))
    typed = typer.prompt(t("Type this number to go on"), default="", show_default=False)
    digits = "".join(sign for sign in str(typed) if sign.isdecimal())
    return int(digits) if digits else None


def _confirmed(t: Translator, moved: Moved) -> bool:
    say(moved_sentence(t, moved))
    return typer.confirm(t("Is this meant?"))
