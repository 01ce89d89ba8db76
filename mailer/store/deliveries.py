"""Deliveries: claims, conclusions, doubts. Every write is conditional on the state and the epoch it expects (R2).

The two writes of every single hand-over are in `handovers`.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Outcome
from mailer.store import attempts, stages
from mailer.store.attempts import Repeatable
from mailer.store.engine import Tx
from mailer.store.guards import SENT_AGAIN
from mailer.store.literals import spelled_out
from mailer.store.rows import all_of, first

delivery = table(Delivery)

#: A day, the longest that a provider is given, and an hour.
WAITS_AT_MOST = timedelta(hours=25)
#: States of a delivery that still needs something from a sender.
UNCONCLUDED = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.POSTING)


def find_by_key(tx: Tx, key: str) -> Delivery | None:
    return first(tx, Delivery, select(delivery).where(delivery.c.key == key))


def find_by_ref(tx: Tx, provider_ref: str) -> Delivery | None:
    """The latest of that reference: a provider that was set up again may give its numbers a second time."""
    found = select(delivery).where(delivery.c.provider_ref == provider_ref)
    return first(tx, Delivery, found.order_by(delivery.c.id.desc()).limit(1))


def counts(tx: Tx, send_id: int) -> dict[str, int]:
    """State -> number of deliveries."""
    rows = tx.execute(
        select(delivery.c.state, func.count()).where(delivery.c.send_id == send_id).group_by(delivery.c.state)
    )
    return {state: number for state, number in rows}  # noqa: C416  # rows are no pairs for the type checker


def complaints(tx: Tx, send_id: int) -> tuple[int, int]:
    """How many complained, of how many accepted: (0, 0) while nobody did, without counting a million copies."""
    state = spelled_out(DeliveryState.ACCEPTED)
    accepted = select(func.count()).where(delivery.c.send_id == send_id, delivery.c.state == state)
    # Named as a range: with an equation SQLite takes the index of a send's work, and reads every accepted copy.
    found = accepted.where(delivery.c.outcome.between(Outcome.COMPLAINED.value, Outcome.COMPLAINED.value))
    complained = tx.execute(found).scalar_one()
    return (int(complained), int(tx.execute(accepted).scalar_one())) if complained else (0, 0)


def conclude(
    tx: Tx,
    delivery_id: int,
    *,
    epoch: int,
    state: DeliveryState,
    at: datetime,
    expected: DeliveryState,
    **values: Any,
) -> bool:
    """Leave the expected state for another, within this claim's epoch only; whether it happened.

    A late answer never undoes what a webhook has already told.
    """
    held = delivery.update().where(
        delivery.c.id == delivery_id, delivery.c.epoch == epoch, delivery.c.state == expected.value
    )
    concluded = {} if state in UNCONCLUDED else {"concluded_at": at}
    return (
        tx.execute(held.values(state=state.value, owner="", lease_until=None, **concluded, **values)).rowcount
        == 1
    )


def accept_by_event(tx: Tx, delivery_id: int, *, at: datetime, provider_ref: str | None) -> bool:
    """The provider's news carry our key: what was tried and not refused is accepted, for they have it. Whether it happened.

    Also what waits for another attempt, or was given up in between: a look-up said too early that it was absent.
    """
    tried = [*UNCONCLUDED, DeliveryState.IN_DOUBT, DeliveryState.EXCLUDED, DeliveryState.CANCELLED]
    held = delivery.update().where(
        delivery.c.id == delivery_id,
        delivery.c.attempts > 0,
        delivery.c.state.in_([each.value for each in tried]),
    )
    values: dict[str, Any] = {"state": DeliveryState.ACCEPTED.value, "concluded_at": at, "reason": ""}
    if provider_ref:
        values["provider_ref"] = provider_ref
    return tx.execute(held.values(**values, owner="", lease_until=None, not_before=None)).rowcount == 1


def set_outcome(tx: Tx, delivery_id: int, outcome: Outcome) -> None:
    """What became of an accepted delivery; a bounce or complaint is never undone by a later "delivered"."""
    held = delivery.update().where(delivery.c.id == delivery_id)
    if outcome is Outcome.DELIVERED:
        held = held.where(delivery.c.outcome.is_(None))
    elif outcome is Outcome.BOUNCED:
        held = held.where(or_(delivery.c.outcome.is_(None), delivery.c.outcome != Outcome.COMPLAINED.value))
    tx.execute(held.values(outcome=outcome.value))


def doubtful(
    tx: Tx, send_id: int, *, account: str, before: datetime, at: datetime, limit: int
) -> list[Delivery]:
    """Deliveries in doubt since before that instant, for a look-up at this account; those deferred come later."""
    asked = to_ask_about(account=account, before=before, at=at)
    found = select(delivery).where(delivery.c.send_id == send_id, asked)
    return all_of(tx, Delivery, found.order_by(delivery.c.id).limit(limit))


def to_ask_about(*, account: str, before: datetime, at: datetime) -> ColumnElement[bool]:
    """A delivery in doubt since before that instant, about which nobody was asked a moment ago.

    A provider that was never handed the copy would say that it has not got it, and the person would get it twice.
    """
    doubtful = delivery.c.state == DeliveryState.IN_DOUBT.value
    is_its_own = attempts.known_to(delivery.c.id, account)
    return and_(doubtful, delivery.c.in_doubt_since <= before, _free(at), is_its_own)


def defer(tx: Tx, delivery_id: int, *, epoch: int, until: datetime) -> None:
    """A doubt that a look-up could not settle is not asked about again before then."""
    held = delivery.update().where(
        delivery.c.id == delivery_id,
        delivery.c.epoch == epoch,
        delivery.c.state == DeliveryState.IN_DOUBT.value,
    )
    tx.execute(held.values(not_before=until))


def next_wake(tx: Tx, send_id: int, *, at: datetime, repeatable: Repeatable | None) -> datetime | None:
    """When the earliest waiting delivery may go on: now, at a retry's time, or at the end of a lease.

    Deliveries that a stage holds back are not waiting.
    """
    waiting = select(func.min(func.coalesce(delivery.c.lease_until, delivery.c.not_before, at)))
    open_ones = _open(at, repeatable)
    found = tx.execute(
        waiting.where(delivery.c.send_id == send_id, open_ones, stages.within(send_id))
    ).scalar_one()
    return found if found is None or isinstance(found, datetime) else None


def is_open(tx: Tx, send_id: int, *, at: datetime, repeatable: Repeatable | None) -> bool:
    """Whether a sender could hand something over now."""
    found = select(delivery.c.id).where(delivery.c.send_id == send_id, _open(at, repeatable), _free(at))
    return tx.execute(found.limit(1)).first() is not None


def _free(at: datetime) -> ColumnElement[bool]:
    return due(at, beyond=at + WAITS_AT_MOST)


def due(now: Any, *, beyond: Any) -> ColumnElement[bool]:
    """It waits no longer, or it waits for an hour that a clock wrote which has been set back since."""
    hour = delivery.c.not_before
    return or_(hour.is_(None), hour <= now, hour > beyond)


def _open(at: datetime, repeatable: Repeatable | None) -> ColumnElement[bool]:
    """What a sender has to do with: all that is not concluded, and doubts that may be repeated."""
    unconcluded = delivery.c.state.in_([each.value for each in UNCONCLUDED])
    return or_(unconcluded, _repeatable(at, repeatable))


def _repeatable(at: datetime, may: Repeatable | None) -> ColumnElement[bool]:
    if may is None:
        return false()
    is_young = attempts.doubted_between(delivery.c.id, may.after, at, account=may.account)
    return and_(delivery.c.state == DeliveryState.IN_DOUBT.value, is_young)


def refuse_unwritable(tx: Tx, claimed: Delivery, *, at: datetime) -> None:
    """A claimed delivery of whose values no mail can be made; a doubt stays one (R4)."""
    assert claimed.id is not None
    doubtful = claimed.in_doubt_since is not None
    state = DeliveryState.IN_DOUBT if doubtful else DeliveryState.REFUSED
    later = at + timedelta(hours=1) if doubtful else None
    conclude(
        tx,
        claimed.id,
        epoch=claimed.epoch,
        expected=DeliveryState.CLAIMED,
        state=state,
        at=at,
        reason="unwritable",
        not_before=later,
    )


def cancel_planned(tx: Tx, send_id: int, *, at: datetime) -> int:
    """What has not left stays here, how many; what was to be sent again is still in doubt (R4)."""
    held = delivery.update().where(
        delivery.c.send_id == send_id,
        delivery.c.state.in_([DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value]),
    )
    free = {"owner": "", "lease_until": None, "concluded_at": at}
    doubtful = delivery.c.in_doubt_since.isnot(None)
    tx.execute(held.where(doubtful).values(state=DeliveryState.IN_DOUBT.value, **free))
    return tx.execute(held.where(~doubtful).values(state=DeliveryState.CANCELLED.value, **free)).rowcount


def forget_bytes(tx: Tx, send_id: int) -> None:
    """The hashes of measured copies cover their tokens: with the bytes of a token they would name its person."""
    measured = (delivery.c.send_id == send_id, delivery.c.measured, delivery.c.request_hash != "")
    tx.execute(delivery.update().where(*measured).values(request_hash=""))


def retry_anew(tx: Tx, send_id: int) -> None:
    """The day for which a delivery is retried begins with its next attempt: nothing could leave meanwhile."""
    held = delivery.update().where(
        delivery.c.send_id == send_id,
        delivery.c.state == DeliveryState.PLANNED.value,
        delivery.c.first_attempt_at.isnot(None),
        delivery.c.in_doubt_since.is_(None),
    )
    tx.execute(held.values(first_attempt_at=None))


def release_doubts(tx: Tx, send_id: int) -> int:
    """By a person's decision: what is in doubt is planned once more, and stays marked as once doubtful; how many."""
    held = delivery.update().where(
        delivery.c.send_id == send_id, delivery.c.state == DeliveryState.IN_DOUBT.value
    )
    values = {
        "state": DeliveryState.PLANNED.value,
        "not_before": None,
        "concluded_at": None,
        "reason": SENT_AGAIN,
    }
    return tx.execute(held.values(values)).rowcount
