"""Everything about one issue on its way: proof, approve, schedule, send, status, pause, resume, cancel."""

from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import typer

from mailer.app import IssueSummary, Mailer, webhooks
from mailer.app.reviews import DAYS
from mailer.cli.confirming import ConfirmMoved, Recipients, ask, ask_pressure, telling_options
from mailer.cli.interrupting import interruptible
from mailer.cli.output import BY, Json, Ref, bar, opened, print_json, print_table, require_provider, say
from mailer.cli.words import delivery_word, state_word
from mailer.i18n import Translator
from mailer.model.ledger import Send, SendState
from mailer.sending import STAGED, SendSummary
from mailer.web.complaining import complaint_sentence
from mailer.web.letter_words import pause_reason, stage_sentence

#: States in which a send command did not do what was asked: the provider's doing, or ours.
_STATUSES: dict[str, int] = {
    SendState.SENDING: 3,
    SendState.PAUSED: 3,
    SendState.HELD: 1,
    SendState.MISSED: 1,
    SendState.CANCELLED: 1,
}
At = Annotated[str | None, typer.Option(help='Local hour, such as "2026-06-11 09:00".')]


def proof(
    issue: Ref,
    to: Annotated[
        list[str] | None, typer.Option(help="Who reads the proof; without it, those of proof_to.")
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="With a link on top to comment, approve or refuse.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Send one copy to each reader, marked as a proof."""
    with opened() as mailer:
        mailer.find(issue)
        require_provider(mailer, as_json=as_json)
        sent = mailer.send_proof(issue, to=to or (), by=BY, with_link=review, may_approve=lambda _: review)
        _done(
            mailer, as_json, {"issue": issue, "to": sent}, "The proof of {issue} is on its way.", issue=issue
        )


def review(
    issue: Ref,
    reader: Annotated[str, typer.Option("--for", help="Whom it is for, in your words.")] = "",
    days: Annotated[int, typer.Option(help="How long it lasts.")] = DAYS,
    at: At = None,
    remarks_only: Annotated[
        bool, typer.Option("--remarks-only", help="By this link nobody can approve.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a link by which somebody without an account reads, comments, approves or refuses."""
    with opened() as mailer:
        link = mailer.reviews.make_link(
            issue, by=BY, reader=reader, days=days, at=at, may_approve=not remarks_only
        )
        url = mailer.reviews.url(link)
        values = {"issue": issue, "url": url, "expires_at": link.expires_at.isoformat()}
        until = mailer.translator().instant(link.expires_at)
        _done(mailer, as_json, values, "{url}\nIt ends {until}.", url=url, until=until)


def approve(issue: Ref, at: At = None, as_json: Json = False) -> None:
    """Approve content, audience rule, sender and hour; any later change voids it."""
    with opened() as mailer:
        snapshot = mailer.departures.approve(issue, by=BY, at=at)
        values = {"issue": issue, "content_hash": snapshot.content_hash}
        _done(mailer, as_json, values, "{issue} is approved as it is now.", issue=issue)


def schedule(
    issue: Ref,
    at: At = None,
    recipients: Recipients = None,
    confirm_moved: ConfirmMoved = False,
    as_json: Json = False,
) -> None:
    """Freeze an issue and schedule it: what is frozen now is what leaves."""
    with opened() as mailer, telling_options():
        answers = ask(mailer, issue, recipients=recipients, confirm_moved=confirm_moved, as_json=as_json)
        too_many = ask_pressure(mailer, issue, at=at, as_json=as_json)
        found = mailer.departures.schedule(issue, by=BY, at=at, answers=answers)
        when = mailer.translator().instant(found.send_at)
        values = _send_values(found) | {"pressure": asdict(too_many) if too_many else None}
        _done(mailer, as_json, values, "{issue} leaves {when}.", issue=issue, when=when)


def send(
    issue: Ref, recipients: Recipients = None, confirm_moved: ConfirmMoved = False, as_json: Json = False
) -> None:
    """Send now, or go on with a send that was interrupted; ends when nothing is left to hand over."""
    with opened() as mailer, telling_options():
        mailer.find(issue)
        require_provider(mailer, as_json=as_json)
        answers = ask(mailer, issue, recipients=recipients, confirm_moved=confirm_moved, as_json=as_json)
        with bar(issue, quiet=as_json) as update, interruptible(mailer):
            summary = mailer.send_now(
                issue, by=BY, progress=lambda seen: update(seen.done, seen.planned), answers=answers
            )
    _end(summary, mailer, as_json=as_json)


def run_due(as_json: Json = False) -> None:
    """Run what is due, once: what the scheduler does at each tick."""
    with opened() as mailer, interruptible(mailer):
        summaries = mailer.run_due()
        webhooks.deliver_due(mailer)
    _print_summaries(summaries, mailer, as_json=as_json)


def status(
    issue: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN/ISSUE]")] = None, as_json: Json = False
) -> None:
    """Where each scheduled issue is."""
    with opened() as mailer:
        found = mailer.status(issue)
        t = mailer.translator()
        if as_json:
            print_json({"issues": [_status_values(each) for each in found]})
            return
        if not found:
            say(t("No issue was scheduled yet. To schedule one: mailer schedule CAMPAIGN/ISSUE."))
            return
        rows = [
            (
                each.ref,
                state_word(t, each.state),
                t.number(each.concluded),
                t.number(each.send.planned if each.send else 0),
            )
            for each in found
        ]
        print_table((t("Issue"), t("State"), t("Concluded"), t("Planned")), rows, right=(2, 3))
        for each in found:
            if each.stage:
                say(f"{each.ref} – {stage_sentence(t, each.stage)}")
            if each.complaints and each.send:
                say(f"{each.ref} – {complaint_sentence(t, each.complaints, each.send)}")


def settle(
    issue: Ref,
    send_again: Annotated[
        bool, typer.Option("--send-again", help="Hand the doubtful copies over once more.")
    ] = False,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Wait no longer; the doubts stay shown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look doubtful copies up and say how many remain; send them again at the risk of a second copy, or give up."""
    if send_again and give_up:
        raise typer.BadParameter("--send-again, --give-up")
    with opened() as mailer:
        mailer.running.settle(issue)
        if give_up:
            mailer.running.give_up(issue, by=BY)
        if send_again:
            with interruptible(mailer):
                summary = mailer.running.send_again(issue, by=BY)
            _end(summary, mailer, as_json=as_json)
        count = mailer.report(issue).letter.in_doubt
        sentence = mailer.translator().plural(
            "{count} copy is in doubt.", "{count} copies are in doubt.", count
        )
        _done(mailer, as_json, {"issue": issue, "in_doubt": count}, sentence)


def pause(issue: Ref, as_json: Json = False) -> None:
    """Stop a running send within one message."""
    with opened() as mailer:
        mailer.running.pause(issue, by=BY)
        _done(mailer, as_json, {"issue": issue, "state": "paused"}, "{issue} is paused.", issue=issue)


def resume(issue: Ref, as_json: Json = False) -> None:
    """Let a paused send go on."""
    with opened() as mailer:
        mailer.running.resume(issue, by=BY)
        _done(mailer, as_json, {"issue": issue, "state": "sending"}, "{issue} goes on.", issue=issue)


def cancel(issue: Ref, as_json: Json = False) -> None:
    """Take back whatever has not left."""
    with opened() as mailer:
        mailer.running.cancel(issue, by=BY)
        _done(mailer, as_json, {"issue": issue, "state": "cancelled"}, "{issue} is cancelled.", issue=issue)


def _done(mailer: Mailer, as_json: bool, values: dict[str, Any], sentence: str, **words: object) -> None:
    if as_json:
        print_json(values)
    else:
        say(mailer.translator()(sentence, **words))


def _end(summary: SendSummary, mailer: Mailer, *, as_json: bool) -> NoReturn:
    """Print how a send ended, and end with its status: 3 where the provider did not take everything yet."""
    _print_summaries([summary], mailer, as_json=as_json)
    raise typer.Exit(_status(summary))


def _status(summary: SendSummary) -> int:
    """A send that rests after its first copies did what its campaign's file asks for."""
    return 0 if summary.pause_reason == STAGED else _STATUSES.get(summary.state, 0)


def _print_summaries(summaries: list[SendSummary], mailer: Mailer, *, as_json: bool) -> None:
    t = mailer.translator()
    if as_json:
        values = [_summary_values(each, t) for each in summaries]
        print_json(values[0] if len(values) == 1 else {"sends": values})
        return
    for each in summaries:
        say(t("{issue}: {state}", issue=each.ref, state=state_word(t, each.state)))
        if each.pause_reason:
            say(pause_reason(t, each.pause_reason))
        if each.state == SendState.SENDING:
            say(_left_over(t))
        print_table(
            (t("State"), t("Number")),
            [(delivery_word(t, state), t.number(count)) for state, count in each.counts.items()],
            right=(1,),
        )
    if not summaries:
        say(t("Nothing is due."))


def _left_over(t: Translator) -> str:
    return t("What the provider did not take yet is tried again by mailer serve, or by the same command.")


def _send_values(found: Send) -> dict[str, Any]:
    return {
        "issue": f"{found.campaign}/{found.issue}",
        "state": found.state,
        "send_at": found.send_at.isoformat(),
        "local_at": found.local_at,
        "zone": found.zone,
    }


def _summary_values(summary: SendSummary, t: Translator) -> dict[str, Any]:
    values = {"issue": summary.ref, "state": summary.state, "planned": summary.planned, **summary.counts}
    if summary.pause_reason:
        values["reason"] = pause_reason(t, summary.pause_reason)
    if _status(summary):
        values["error"] = values.get("reason") or _left_over(t)
    return values


def _status_values(summary: IssueSummary) -> dict[str, Any]:
    values = _send_values(summary.send) if summary.send else {"issue": summary.ref, "state": summary.state}
    planned = summary.send.planned if summary.send else 0
    stage = {"stage": asdict(summary.stage)} if summary.stage else {}
    complaints = {"complaints": asdict(summary.complaints)} if summary.complaints else {}
    return {**values, "planned": planned, "counts": summary.counts, **stage, **complaints}
