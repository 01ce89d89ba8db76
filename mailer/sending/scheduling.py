"""A send is made, paused, resumed, cancelled: each act one conditional change of state."""

from datetime import date, datetime

from mailer.clock import local_date
from mailer.errors import RefusedError
from mailer.model.ledger import TAKEN, Send, SendState, Snapshot
from mailer.model.workspace import Campaign
from mailer.sending.errata import require_rest, require_uncorrected
from mailer.sending.events import require_current
from mailer.sending.settling import STAGED, untie
from mailer.sending.subjects import require_decidable
from mailer.store import Tx, copies, deliveries, sends, snapshots
from mailer.tokens import random_bytes

#: Why a send waits whose database was copied or restored, and what a person's decision makes of it.
FOREIGN, RELEASED = "installation", "released"
#: Why a departure was taken back whose letter was dated anew: it is a draft again, or scheduled by another row.
MOVED = "moved"


def schedule(
    tx: Tx,
    snapshot: Snapshot,
    *,
    campaign: Campaign,
    send_at: datetime,
    local_at: str,
    by: str,
    at: datetime,
    usual_rate: float | None = None,
) -> Send:
    """Plan the departure of a snapshot; raises RefusedError when the issue or the campaign's day is taken,
    or somebody already has a copy.

    An earlier, missed departure of the same issue is given up: this one is the decision it waited for. An erratum takes
    nobody's day, and waits until the letter that it corrects stands still. Two subjects are refused where the numbers
    could not decide between them; `usual_rate` is what the campaign's letters are opened by, if that is known.
    """
    ref = f"{snapshot.campaign}/{snapshot.issue}"
    sends.lock_issue(tx, ref)
    before = sends.of_issue(tx, campaign=snapshot.campaign, issue=snapshot.issue, states=TAKEN)
    if before is not None:
        raise RefusedError(
            "{ref} is already {state}: nobody gets an issue twice. Cancel it first, or make a new issue.",
            ref=ref,
            state=before.state,
        )
    _refuse_second_copies(tx, snapshot, ref=ref)
    if snapshot.erratum_of:
        require_rest(tx, campaign=snapshot.campaign, faulty=snapshot.erratum_of)
    _give_up_missed(tx, snapshot, at=at)
    assert snapshot.id is not None
    day = local_date(send_at, campaign.zone)
    split_above = require_decidable(tx, snapshot, day=day, usual_rate=usual_rate)
    shares = not campaign.one_per_day or snapshot.erratum_of
    slot = _slot(campaign.slug, day, snapshot.issue if shares else "")
    new = Send(
        snapshot_id=snapshot.id,
        campaign=snapshot.campaign,
        issue=snapshot.issue,
        state=SendState.SCHEDULED.value,
        slot=slot,
        send_at=send_at,
        local_at=local_at,
        zone=campaign.zone,
        max_lateness_seconds=campaign.max_lateness_minutes * 60,
        content_hash=snapshot.content_hash,
        members_only=snapshot.members_only,
        asks_consent=snapshot.asks_consent,
        staged=campaign.staged,
        split_above=split_above,
        tracking=snapshot.tracking,
        last_open=snapshot.last_open,
        public_id=random_bytes(8).hex(),
        created_at=at,
        created_by=by,
    )
    stored = sends.create(tx, new)
    if stored is None:
        raise _taken(campaign.title, day)
    return stored


def _slot(campaign: str, day: date, issue: str) -> str:
    """The campaign's day, which one send has; with an issue, one that others may share."""
    return f"{campaign}:{day}:{issue}" if issue else f"{campaign}:{day}"


def _taken(title: str, day: date) -> RefusedError:
    return RefusedError(
        "{campaign} already sends an issue on {day}. Choose another day, or cancel that one.",
        campaign=title,
        day=day.isoformat(),
    )


def _refuse_second_copies(tx: Tx, snapshot: Snapshot, *, ref: str) -> None:
    """Cancelling takes back what has not left; whoever has a copy must not get another, nor after its correction."""
    held = copies.count_holders(tx, snapshot.campaign, snapshot.issue)
    if held:
        raise RefusedError(
            "{count} people have a copy of {ref}, or may have one, and nobody gets an issue twice. Make an erratum for"
            " them, and a new issue for the others.",
            ref=ref,
            count=held,
        )


def _give_up_missed(tx: Tx, snapshot: Snapshot, *, at: datetime) -> None:
    missed = (SendState.MISSED,)
    while found := sends.of_issue(tx, campaign=snapshot.campaign, issue=snapshot.issue, states=missed):
        assert found.id is not None
        sends.transition(tx, found.id, before=missed, after=SendState.CANCELLED, ended_at=at, slot=None)
        untie(tx, found)


def pause(tx: Tx, send_id: int, *, by: str, at: datetime, reason: str = "") -> None:
    """Stop within one message: the epoch grows, so that no intent of before may pass."""
    del at
    _change(
        tx,
        send_id,
        (SendState.SENDING,),
        SendState.PAUSED,
        pause_reason=reason or f"by {by}",
        epoch=_next(tx, send_id),
    )


def resume(tx: Tx, send_id: int, *, by: str, at: datetime) -> None:
    """Go on: a paused send continues; a held or missed one is scheduled again, by somebody's decision.

    Raises RefusedError where it cannot, as for a letter whose erratum is planned or gone, or on a day that is taken.
    """
    del by
    send = sends.get(tx, send_id)
    require_uncorrected(tx, campaign=send.campaign, issue=send.issue)
    require_current(tx, send)
    values: dict[str, str | None] = {
        "pause_reason": RELEASED if send.pause_reason in {FOREIGN, RELEASED} else ""
    }
    if send.pause_reason == STAGED:
        values["stage_until"] = None
    if send.state in {SendState.HELD, SendState.MISSED}:
        if faulty := snapshots.get(tx, send.snapshot_id).erratum_of:
            require_rest(tx, campaign=send.campaign, faulty=faulty)
        values["slot"] = slot_on(tx, send, local_date(max(at, send.send_at), send.zone))
        lateness = int((at - send.send_at).total_seconds()) + send.max_lateness_seconds
        _change(tx, send_id, (SendState.HELD, SendState.MISSED), SendState.SCHEDULED,
                max_lateness_seconds=max(send.max_lateness_seconds, lateness), **values)  # fmt: skip
        return
    _change(tx, send_id, (SendState.PAUSED,), SendState.SENDING, epoch=_next(tx, send_id), **values)
    deliveries.retry_anew(tx, send_id)


def slot_on(tx: Tx, send: Send, day: date) -> str:
    """What leaves on another day than it was planned for has that day; raises RefusedError where a letter has it already.

    One that waits for a decision of its own, as this one did, gives its day up: it asks for another when it goes on.
    """
    # An issue may be called by a day, so that the end of the text says nothing.
    is_shared = (send.slot or "").count(":") > _slot(send.campaign, day, "").count(":")
    slot = _slot(send.campaign, day, send.issue if is_shared else "")
    if not sends.free_slot(tx, slot, of=send.id):
        raise _taken(snapshots.get(tx, send.snapshot_id).title or send.campaign, day)
    return slot


def cancel(tx: Tx, send_id: int, *, by: str, at: datetime) -> None:
    """Take back what has not left; the campaign's day is free again if nothing has."""
    del by
    before = sends.get(tx, send_id)
    states = (SendState.SCHEDULED, SendState.PAUSED, SendState.MISSED, SendState.HELD)
    started = before.state == SendState.PAUSED
    _change(tx, send_id, states, SendState.CANCELLED, ended_at=at, epoch=_next(tx, send_id),
            slot=before.slot if started else None)  # fmt: skip
    deliveries.cancel_planned(tx, send_id, at=at)
    untie(tx, before)


def set_aside(tx: Tx, send_id: int, *, at: datetime) -> None:
    """Take back a departure that has not begun, for its letter is dated anew; raises RefusedError once it has."""
    before = sends.get(tx, send_id)
    states = (SendState.SCHEDULED, SendState.MISSED, SendState.CANCELLED)
    if before.started_at is not None:
        raise RefusedError(
            "{ref} has begun to leave: it cannot be moved.", ref=f"{before.campaign}/{before.issue}"
        )
    _change(tx, send_id, states, SendState.CANCELLED, ended_at=before.ended_at or at, epoch=_next(tx, send_id),
            slot=None, pause_reason=MOVED)  # fmt: skip
    untie(tx, before)


def _next(tx: Tx, send_id: int) -> int:
    return sends.get(tx, send_id).epoch + 1


def _change(tx: Tx, send_id: int, before: tuple[SendState, ...], after: SendState, **values: object) -> None:
    if not sends.transition(tx, send_id, before=before, after=after, **values):
        send = sends.get(tx, send_id)
        raise RefusedError(
            "{ref} is {state}: this cannot be done now.",
            ref=f"{send.campaign}/{send.issue}",
            state=send.state,
        )
