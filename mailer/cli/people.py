"""`mailer audience`."""

from typing import Annotated

import typer

from mailer.app import Mailer, comparing, invitations
from mailer.cli.output import BY, Json, opened, print_json, print_table, say
from mailer.cli.words import exclusion_word
from mailer.i18n import Translator
from mailer.model.segment import Audience


def audience(
    segment: str,
    explain: Annotated[
        bool, typer.Option("--explain", help="Who falls out at each step, and a sentence.")
    ] = False,
    topic: Annotated[
        str | None, typer.Option(help="Default: the topic of the campaign that uses it.")
    ] = None,
    compare: Annotated[str | None, typer.Option(help="Another segment: who is in one, in both.")] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Who came and went since the last letter.")
    ] = False,
    invite: Annotated[
        bool,
        typer.Option("--invite", help="Prepare the letter to those who ask for it without being members."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Count the people a segment names now."""
    with opened() as mailer:
        if invite:
            _prepare_invitation(mailer, segment, as_json=as_json)
            return
        found = mailer.audience(segment, topic=topic)
        t = mailer.translator()
        beside = comparing.compare(mailer, segment, compare, language=t.language) if compare else None
        moved = comparing.changes(mailer, segment, language=t.language) if changes else None
        if as_json:
            print_json(_audience_values(found, beside, moved))
            return
        say(t.plural("{count} recipient", "{count} recipients", found.count))
        if explain:
            _print_steps(found, t)
        if beside is not None:
            _print_comparison(beside, t)
        for each in moved or ():
            _print_changes(each, t)
        if moved == []:
            say(t("No letter has left for this audience yet."))


def _prepare_invitation(mailer: Mailer, segment: str, *, as_json: bool) -> None:
    found = invitations.prepare(mailer, segment, by=BY)
    ref, count = found.ref, mailer.departures.foresee(found.ref).count
    if as_json:
        print_json({"draft": ref, "recipients": count})
        return
    t = mailer.translator()
    if not found.is_writable:
        say(t("{ref} waits for its departure: no other invitation is begun.", ref=ref))
        return
    said = t.plural("{ref}: a draft to {count} person.", "{ref}: a draft to {count} people.", count, ref=ref)
    say(f"{said} {t('Nothing leaves before somebody has approved it.')}")


def _audience_values(
    found: Audience, beside: comparing.Comparison | None, moved: list[comparing.Changes] | None
) -> dict[str, object]:
    values: dict[str, object] = {
        "segment": found.segment,
        "topic": found.topic,
        "count": found.count,
        "considered": found.considered,
        "excluded": found.excluded,
        "sentence": found.sentence,
    }
    if beside is not None:
        parts = {"only": beside.only, "both": beside.both, "only_other": beside.only_other}
        counts = {name: part.count for name, part in parts.items()}
        values["compared"] = {"other": beside.other.slug, **counts}
    if moved is not None:
        values["changes"] = [_moved_values(each) for each in moved]
    return values


def _moved_values(each: comparing.Changes) -> dict[str, object]:
    return {
        "campaign": each.campaign,
        "issue": each.issue,
        "former": each.former,
        "arrivals": each.arrivals.count,
        "departures": each.departures.count,
    }


def _print_steps(found: Audience, t: Translator) -> None:
    say(found.sentence)
    rows = [(t("Contacts considered"), t.number(found.considered))]
    rows += [("– " + exclusion_word(t, reason), t.number(count)) for reason, count in found.excluded.items()]
    print_table(("", ""), [*rows, (t("Recipients"), t.number(found.count))], right=(1,))


def _print_comparison(beside: comparing.Comparison, t: Translator) -> None:
    rows = (
        (t("in both"), beside.both),
        (t("only in “{title}”", title=beside.segment.title), beside.only),
        (t("only in “{title}”", title=beside.other.title), beside.only_other),
    )
    print_table(("", ""), [(words, t.number(part.count)) for words, part in rows], right=(1,))


def _print_changes(each: comparing.Changes, t: Translator) -> None:
    say(f"{each.campaign} · {each.issue}")
    say(t.plural("It went to {count} person.", "It went to {count} people.", each.former))
    rows = (
        (t("would get the next one and did not get it: arrivals"), each.arrivals),
        (t("got it and would not get the next one: departures"), each.departures),
    )
    print_table(("", ""), [(words, t.number(part.count)) for words, part in rows], right=(1,))
