"""`mailer event`: the letters of an event, begun and listed."""

from typing import Annotated

import typer

from mailer.app.events import EventKit, KitLetter
from mailer.cli.output import BY, Json, opened, print_json, print_table, say
from mailer.cli.words import state_word
from mailer.web import event_words


def event(
    event: Annotated[str, typer.Argument(metavar="CAMPAIGN/EVENT")],
    tell: Annotated[
        bool, typer.Option("--tell", help="Begin the letter that tells of a change or the cancellation.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be begun; write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Begin the letters of an event that are missing, and say where each of them stands."""
    with opened() as mailer:
        kit = mailer.events.kit(event)
        if dry_run:
            begun = [f"{event}-{letter}" for letter in kit.missing]
        else:
            begun = [each.ref for each in mailer.events.prepare(event, by=BY)]
            if tell:
                begun.append(mailer.events.tell(event, by=BY).ref)
            kit = mailer.events.kit(event)
        if as_json:
            print_json({**_values(kit), "dry_run": dry_run, "begun": begun})
            return
        t = mailer.translator()
        say(event_words.sentence(t, kit.event))
        for ref in begun:
            say(t("Would begin {issue}.", issue=ref) if dry_run else t("Begun: {issue}.", issue=ref))
        rows = [
            (
                event_words.letter(t, each.letter),
                each.summary.ref if each.summary else "–",
                state_word(t, each.summary.state) if each.summary else t("not begun"),
                event_words.planned(t, each.planned_at),
            )
            for each in kit.letters
        ]
        print_table((t("Letter"), t("Issue"), t("State"), t("Planned")), rows)
        if kit.offered:
            say(event_words.offer(t, kit.offered))


def _values(kit: EventKit) -> dict[str, object]:
    event = kit.event
    return {
        "event": event.ref,
        "title": event.title,
        "start": event.start.isoformat(),
        "end": event.end.isoformat(),
        "zone": event.zone,
        "cancelled": event.cancelled,
        "calendar": kit.calendar_url,
        "letters": [_letter(each) for each in kit.letters],
        "others": [{"issue": each.ref, "state": each.state} for each in kit.others],
        "to_tell": kit.offered.value if kit.offered else None,
    }


def _letter(each: KitLetter) -> dict[str, object]:
    return {
        "letter": each.letter,
        "issue": each.summary.ref if each.summary else None,
        "state": each.summary.state if each.summary else None,
        "planned_at": each.planned_at.isoformat() if each.planned_at else None,
        "pause_reason": each.summary.send.pause_reason if each.summary and each.summary.send else "",
    }
