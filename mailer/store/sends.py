"""Sends: their states change by conditional updates that report whether they happened."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendState, Snapshot
from mailer.model.outgoing import Happening
from mailer.model.workspace import Tracking
from mailer.store import claims, deliveries, outbox
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first, one
from mailer.store.upserts import insert_new

send = table(Send)
delivery = table(Delivery)
snapshot = table(Snapshot)


def get(tx: Tx, send_id: int) -> Send:
    """The send; raises NotFoundError. A sender asks at each of its turns."""
    return one(tx, Send, _by_id(), filled={"its_id": send_id}, missing="This send does not exist.")


@cache
def _by_id() -> Select[Any]:
    return select(send).where(send.c.id == bindparam("its_id"))


def find_by_public_id(tx: Tx, public_id: str) -> Send | None:
    return first(tx, Send, select(send).where(send.c.public_id == public_id))


def create(tx: Tx, new: Send) -> Send | None:
    """Store a send; None when its slot (the campaign's day) is taken."""
    if not insert_new(tx, send, new.model_dump(exclude={"id"})):
        return None
    return find_by_public_id(tx, new.public_id)


def free_slot(tx: Tx, slot: str, *, of: int | None) -> bool:
    """Take the campaign's day from another send that is missed or held; whether nobody else than this one has it."""
    others = (send.c.slot == slot, send.c.id != of)
    waiting = send.c.state.in_([SendState.HELD.value, SendState.MISSED.value])
    tx.execute(send.update().where(*others, waiting).values(slot=None))
    return tx.execute(select(send.c.id).where(*others)).first() is None


def latest(tx: Tx, ref: str) -> Send | None:
    """The latest send of `campaign/issue`, cancelled ones included."""
    campaign, _, issue = ref.partition("/")
    found = select(send).where(send.c.campaign == campaign, send.c.issue == issue)
    return first(tx, Send, found.order_by(send.c.id.desc()).limit(1))


def last_done(tx: Tx, campaign: str) -> Send | None:
    """The campaign's send that ended last, having gone to whom it was for; no erratum, which goes to a part of them."""
    done = (
        select(send)
        .join(snapshot, snapshot.c.id == send.c.snapshot_id)
        .where(send.c.campaign == campaign, send.c.state == SendState.DONE.value, snapshot.c.erratum_of == "")
    )
    return first(tx, Send, done.order_by(send.c.ended_at.desc(), send.c.id.desc()).limit(1))


def last_left_at(tx: Tx, campaign: str) -> datetime | None:
    """When a letter of the campaign last began to leave; no erratum, which is none of its series."""
    left = (
        select(func.max(send.c.started_at))
        .join(snapshot, snapshot.c.id == send.c.snapshot_id)
        .where(send.c.campaign == campaign, snapshot.c.erratum_of == "")
    )
    found: datetime | None = tx.execute(left).scalar_one()
    return found


def latest_by_ref(tx: Tx) -> dict[str, Send]:
    """`campaign/issue` -> its latest send."""
    newest = select(func.max(send.c.id)).group_by(send.c.campaign, send.c.issue)
    return {
        f"{each.campaign}/{each.issue}": each
        for each in all_of(tx, Send, select(send).where(send.c.id.in_(newest)))
    }


def in_states(tx: Tx, states: Iterable[SendState]) -> list[Send]:
    """Every send in one of these states, the earliest first."""
    wanted = send.c.state.in_([each.value for each in states])
    return all_of(tx, Send, select(send).where(wanted).order_by(send.c.id))


def of_issue(tx: Tx, *, campaign: str, issue: str, states: Iterable[SendState]) -> Send | None:
    """A send of this issue in one of these states."""
    found = select(send).where(send.c.campaign == campaign, send.c.issue == issue)
    return first(tx, Send, found.where(send.c.state.in_([each.value for each in states])))


def to_look_after(
    tx: Tx, *, at: datetime, account: str = "", doubtful_before: datetime | None = None
) -> list[int]:
    """Ids of what is due, of what was begun and not ended, and of what stopped with something on its way; the earliest first.

    Of what is paused also those with doubts that are so old and may be asked about again at this account; None: nobody can be asked.
    """
    begun = send.c.state.in_([SendState.STARTING, SendState.SENDING, SendState.SETTLING])
    due = (send.c.state == SendState.SCHEDULED) & (send.c.send_at <= at)
    stopped = send.c.state.in_([SendState.PAUSED, SendState.CANCELLED])
    over = claims.is_over(at, at + claims.LONGEST)
    left = exists(select(delivery.c.id).where(delivery.c.send_id == send.c.id, over))
    wanted = begun | due | (stopped & left)
    if doubtful_before is not None:
        doubts = deliveries.to_ask_about(account=account, before=doubtful_before, at=at)
        asked = exists(select(delivery.c.id).where(delivery.c.send_id == send.c.id, doubts))
        wanted |= (send.c.state == SendState.PAUSED) & asked
    found = select(send.c.id).where(wanted)
    return list(tx.execute(found.order_by(send.c.send_at, send.c.id)).scalars())


def any_running(tx: Tx) -> bool:
    """Whether copies of any send are being handed over."""
    running = select(send.c.id).where(send.c.state == SendState.SENDING.value).limit(1)
    return tx.execute(running).first() is not None


def pause_running(tx: Tx, send_id: int, *, reason: str) -> bool:
    """Pause a running send; the epoch grows, so that no intent of before may pass (I8)."""
    return transition(
        tx,
        send_id,
        before=[SendState.SENDING],
        after=SendState.PAUSED,
        pause_reason=reason,
        epoch=send.c.epoch + 1,
    )


def hold_all(tx: Tx, *, reason: str, released: str) -> None:
    """Nothing leaves from here without a person: what is scheduled is held, what was being sent is paused.

    What waited for a person already waits for this reason now: it may have gone on since. Spared is what somebody has
    `released` and no sender has looked at yet.
    """
    others = send.update().where(send.c.pause_reason != released)
    grown = {"pause_reason": reason, "epoch": send.c.epoch + 1}
    scheduled, running = SendState.SCHEDULED, [SendState.STARTING, SendState.SENDING, SendState.SETTLING]
    stopped = send.c.state.in_([each.value for each in (SendState.HELD, SendState.MISSED, SendState.PAUSED)])
    tx.execute(others.where(stopped).values(pause_reason=reason))
    tx.execute(others.where(send.c.state == scheduled.value).values(state=SendState.HELD.value, **grown))
    begun = send.c.state.in_([each.value for each in running])
    tx.execute(others.where(begun).values(state=SendState.PAUSED.value, **grown))


def count_secrets_gone(tx: Tx) -> int:
    """How many anonymous sends have ended, and their secrets with them; it only grows, whatever the clock says."""
    ended = select(func.count()).where(
        send.c.tracking == Tracking.ANONYMOUS.value, send.c.ended_at.isnot(None)
    )
    return int(tx.execute(ended).scalar_one())


def lock_issue(tx: Tx, ref: str) -> None:
    """On PostgreSQL: nobody else schedules this issue before the commit. SQLite lets one writer in at a time."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(ref))))


def transition(tx: Tx, send_id: int, *, before: Iterable[SendState], after: SendState, **values: Any) -> bool:
    """Change the state if it is one of `before`; whether it happened."""
    held = send.update().where(send.c.id == send_id, send.c.state.in_([each.value for each in before]))
    happened = tx.execute(held.values(state=after.value, **values)).rowcount == 1
    if happened and after is SendState.DONE and outbox.is_wanted(tx, Happening.SENT):
        done = get(tx, send_id)
        data = {"campaign": done.campaign, "issue": done.issue}
        outbox.tell(tx, Happening.SENT, data, at=values["ended_at"])
    return happened
