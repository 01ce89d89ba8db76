"""Deliveries: claim, intent, conclusion. Every write is conditional on the state and the epoch it expects (R2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Outcome, Send, SendState
from mailer.model.people import EVERYTHING, Contact, Exclusion, Membership, Subscription, SubscriptionState
from mailer.store import attempts
from mailer.store.engine import Tx
from mailer.store.planning import valid_on
from mailer.store.rows import all_of, first

delivery = table(Delivery)
send = table(Send)
contact = table(Contact)
exclusion = table(Exclusion)
membership = table(Membership)
subscription = table(Subscription)

#: States of a delivery that still needs something from a sender.
UNCONCLUDED = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.POSTING)


@dataclass(frozen=True, slots=True)
class Guard:
    """What must still be true when a byte leaves: the send as it was read, its topic, and today."""

    send_id: int
    send_epoch: int
    content_hash: str
    topic: str
    members_only: bool
    day: date


def find_by_key(tx: Tx, key: str) -> Delivery | None:
    return first(tx, Delivery, select(delivery).where(delivery.c.key == key))


def find_by_ref(tx: Tx, provider_ref: str) -> Delivery | None:
    return first(tx, Delivery, select(delivery).where(delivery.c.provider_ref == provider_ref))


def counts(tx: Tx, send_id: int) -> dict[str, int]:
    """State -> number of deliveries."""
    rows = tx.execute(
        select(delivery.c.state, func.count()).where(delivery.c.send_id == send_id).group_by(delivery.c.state)
    )
    return {state: number for state, number in rows}  # noqa: C416  # rows are no pairs for the type checker


def release_lapsed(tx: Tx, send_id: int, *, at: datetime) -> None:
    """Leases that are over: what was only claimed is planned again, what was being posted is in doubt."""
    lapsed = and_(delivery.c.send_id == send_id, delivery.c.lease_until < at)
    claimed = delivery.c.state == DeliveryState.CLAIMED.value
    doubtful = delivery.c.in_doubt_since.isnot(None)
    back = delivery.update().where(lapsed, claimed)
    tx.execute(back.where(~doubtful).values(state=DeliveryState.PLANNED.value, owner="", lease_until=None))
    tx.execute(back.where(doubtful).values(state=DeliveryState.IN_DOUBT.value, owner="", lease_until=None))
    posting = delivery.update().where(lapsed, delivery.c.state == DeliveryState.POSTING.value)
    tx.execute(
        posting.values(
            state=DeliveryState.IN_DOUBT.value,
            owner="",
            lease_until=None,
            in_doubt_since=func.coalesce(delivery.c.in_doubt_since, at),
            reason="lease-over",
        )
    )


def claim(
    tx: Tx,
    send_id: int,
    *,
    owner: str,
    at: datetime,
    lease: timedelta,
    limit: int,
    doubts_first_tried_after: datetime | None,
) -> list[Delivery]:
    """Take up to `limit` deliveries that may be handed over now; each claim grows the row's epoch.

    With `doubts_first_tried_after`, doubtful ones whose first attempt is later are claimed too: the provider takes
    the same key once (class A).
    """
    waiting = delivery.c.state == DeliveryState.PLANNED.value
    if doubts_first_tried_after is not None:
        doubt = delivery.c.state == DeliveryState.IN_DOUBT.value
        waiting = or_(waiting, and_(doubt, delivery.c.first_attempt_at > doubts_first_tried_after))
    free = or_(delivery.c.not_before.is_(None), delivery.c.not_before <= at)
    chosen = select(delivery.c.id).where(delivery.c.send_id == send_id, waiting, free).order_by(delivery.c.id)
    ids = chosen.limit(limit).with_for_update(skip_locked=True).scalar_subquery()
    held = delivery.update().where(delivery.c.id.in_(ids))
    values = {
        "state": DeliveryState.CLAIMED.value,
        "owner": owner,
        "lease_until": at + lease,
        "epoch": delivery.c.epoch + 1,
    }
    claimed = tx.execute(held.values(values).returning(*delivery.c))
    return sorted(
        (Delivery.model_construct(**dict(row._mapping)) for row in claimed), key=lambda each: each.id or 0
    )


def intend(
    tx: Tx, claimed: Delivery, *, guard: Guard, request_hash: str, at: datetime, lease: timedelta
) -> bool:
    """R1: the intent to hand one delivery over, with every guard in the same statement; False: do not send.

    The attempt is written in the same transaction; both must be committed before the first byte leaves.
    """
    held = delivery.update().where(
        delivery.c.id == claimed.id,
        delivery.c.epoch == claimed.epoch,
        delivery.c.owner == claimed.owner,
        delivery.c.state == DeliveryState.CLAIMED.value,
        delivery.c.lease_until > at,
        delivery.c.request_hash.in_(("", request_hash)),
        *(_guards(guard)),
    )
    values = {
        "state": DeliveryState.POSTING.value,
        "attempts": delivery.c.attempts + 1,
        "first_attempt_at": func.coalesce(delivery.c.first_attempt_at, at),
        "lease_until": at + lease,
        "request_hash": request_hash,
    }
    if tx.execute(held.values(values)).rowcount != 1:
        return False
    assert claimed.id is not None
    attempts.begin(tx, delivery_id=claimed.id, n=claimed.attempts + 1, epoch=claimed.epoch, at=at)
    return True


def lock_for_intent(tx: Tx, guard: Guard, contact_ids: Sequence[int]) -> None:
    """On PostgreSQL: share locks on what the intents depend on, so that no unsubscribe or pause slips between.

    READ COMMITTED would let the UPDATE miss what commits beside it; excluding somebody locks the same contact row.
    SQLite needs none: BEGIN IMMEDIATE lets one writer in at a time.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(send.c.id).where(send.c.id == guard.send_id).with_for_update(read=True))
        rows = select(contact.c.id).where(contact.c.id.in_(contact_ids)).order_by(contact.c.id)
        tx.execute(rows.with_for_update(read=True))


def why_not(tx: Tx, claimed: Delivery, *, guard: Guard) -> str | None:
    """The reason for which this person must not get it, or None when something else stopped the intent."""
    excluded = tx.execute(
        select(func.min(exclusion.c.reason)).where(
            exclusion.c.address == claimed.address, exclusion.c.scope.in_((EVERYTHING, guard.topic))
        )
    ).scalar_one()
    if excluded:
        return str(excluded)
    here = delivery.c.id == claimed.id
    if tx.execute(select(delivery.c.id).where(here, ~_still_subscribed(guard))).first():
        return "unsubscribed"
    if tx.execute(select(delivery.c.id).where(here, ~_still_member(guard))).first():
        return "not_member"
    return None


def _guards(guard: Guard) -> Iterable[ColumnElement[bool]]:
    running = select(send.c.id).where(
        send.c.id == delivery.c.send_id,
        send.c.state == SendState.SENDING.value,
        send.c.epoch == guard.send_epoch,
        send.c.content_hash == guard.content_hash,
    )
    excluded = select(exclusion.c.id).where(
        exclusion.c.address == delivery.c.address, exclusion.c.scope.in_((EVERYTHING, guard.topic))
    )
    return exists(running), ~exists(excluded), _still_subscribed(guard), _still_member(guard)


def _still_subscribed(guard: Guard) -> ColumnElement[bool]:
    left = select(subscription.c.id).where(
        subscription.c.contact_id == delivery.c.contact_id,
        subscription.c.topic == guard.topic,
        subscription.c.state == SubscriptionState.UNSUBSCRIBED.value,
    )
    return ~exists(left)


def _still_member(guard: Guard) -> ColumnElement[bool]:
    """Read from the contact's organisation at this moment: the third members-only layer."""
    member = (
        select(contact.c.id)
        .join(membership, membership.c.organisation_id == contact.c.organisation_id)
        .where(contact.c.id == delivery.c.contact_id, valid_on(guard.day))
    )
    return or_(~delivery.c.members_only, exists(member))


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
    """The provider's news carry our key: what was being posted or in doubt is accepted. Whether it happened."""
    held = delivery.update().where(
        delivery.c.id == delivery_id,
        delivery.c.state.in_([DeliveryState.POSTING.value, DeliveryState.IN_DOUBT.value]),
    )
    values: dict[str, Any] = {"state": DeliveryState.ACCEPTED.value, "concluded_at": at, "reason": ""}
    if provider_ref:
        values["provider_ref"] = provider_ref
    return tx.execute(held.values(**values, owner="", lease_until=None)).rowcount == 1


def set_outcome(tx: Tx, delivery_id: int, outcome: Outcome) -> None:
    """What became of an accepted delivery; a bounce or complaint is never undone by a later "delivered"."""
    held = delivery.update().where(delivery.c.id == delivery_id)
    if outcome is Outcome.DELIVERED:
        held = held.where(delivery.c.outcome.is_(None))
    elif outcome is Outcome.BOUNCED:
        held = held.where(or_(delivery.c.outcome.is_(None), delivery.c.outcome != Outcome.COMPLAINED.value))
    tx.execute(held.values(outcome=outcome.value))


def doubtful(tx: Tx, send_id: int, *, before: datetime, limit: int) -> list[Delivery]:
    """Deliveries in doubt since before that instant, for a look-up."""
    found = select(delivery).where(
        delivery.c.send_id == send_id,
        delivery.c.state == DeliveryState.IN_DOUBT.value,
        delivery.c.in_doubt_since < before,
    )
    return all_of(tx, Delivery, found.order_by(delivery.c.id).limit(limit))


def next_wake(tx: Tx, send_id: int) -> datetime | None:
    """When the earliest waiting delivery may go on: a retry's time, or the end of a lease."""
    waiting = select(func.min(func.coalesce(delivery.c.lease_until, delivery.c.not_before)))
    unconcluded = delivery.c.state.in_([each.value for each in UNCONCLUDED])
    found = tx.execute(waiting.where(delivery.c.send_id == send_id, unconcluded)).scalar_one()
    return found if found is None or isinstance(found, datetime) else None


def cancel_planned(tx: Tx, send_id: int, *, at: datetime) -> int:
    """What has not left stays here; how many."""
    held = delivery.update().where(
        delivery.c.send_id == send_id,
        delivery.c.state.in_([DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value]),
        delivery.c.in_doubt_since.is_(None),
    )
    return tx.execute(
        held.values(state=DeliveryState.CANCELLED.value, concluded_at=at, lease_until=None)
    ).rowcount
