"""What must still be true when a byte leaves: the conditions of an intent (R1), and the locks that make them hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendState
from mailer.model.people import EVERYTHING, Contact, Exclusion, Membership, Subscription, SubscriptionState
from mailer.store.engine import Tx
from mailer.store.planning import valid_on

delivery = table(Delivery)
send = table(Send)
contact = table(Contact)
exclusion = table(Exclusion)
membership = table(Membership)
subscription = table(Subscription)

#: The reason under which a person lets a doubtful delivery be handed over once more.
SENT_AGAIN = "sent-again"


@dataclass(frozen=True, slots=True)
class Guard:
    """The send as it was read, its topic, today, and how old a doubt may be to be repeated (None: never)."""

    send_id: int
    send_epoch: int
    content_hash: str
    topic: str
    members_only: bool
    day: date
    repeatable_after: datetime | None = None


def lock_send(tx: Tx, send_id: int, *, exclusive: bool) -> None:
    """On PostgreSQL: keep the send's state as it is until the commit. Always before its deliveries are touched.

    SQLite needs no locks: BEGIN IMMEDIATE lets one writer in at a time.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(send.c.id).where(send.c.id == send_id).with_for_update(read=not exclusive))


def lock_people(tx: Tx, contact_ids: Sequence[int]) -> None:
    """On PostgreSQL: share locks on contacts, so that no exclusion slips between the intent and its commit.

    READ COMMITTED would let the UPDATE miss what commits beside it; excluding somebody locks the same row.
    """
    if tx.dialect.name == "postgresql":
        rows = select(contact.c.id).where(contact.c.id.in_(contact_ids)).order_by(contact.c.id)
        tx.execute(rows.with_for_update(read=True))


def conditions(guard: Guard) -> tuple[ColumnElement[bool], ...]:
    """Every one must hold for a delivery to leave."""
    return (
        _running(guard),
        ~exists(_exclusions(guard)),
        _still_known(),
        _still_subscribed(guard),
        _still_member(guard),
        _young_enough(guard),
    )


def why_not(tx: Tx, claimed: Delivery, *, guard: Guard) -> str | None:
    """The reason for which this person must not get it, or None when something else stopped the intent."""
    excluded = tx.execute(
        select(func.min(exclusion.c.reason)).where(
            exclusion.c.address == claimed.address, exclusion.c.scope.in_((EVERYTHING, guard.topic))
        )
    ).scalar_one()
    if excluded:
        return str(excluded)
    reasons = (
        ("erased", _still_known()),
        ("unsubscribed", _still_subscribed(guard)),
        ("not_member", _still_member(guard)),
    )
    for reason, holds in reasons:
        if tx.execute(select(delivery.c.id).where(delivery.c.id == claimed.id, ~holds)).first():
            return reason
    return None


def _running(guard: Guard) -> ColumnElement[bool]:
    running = select(send.c.id).where(
        send.c.id == delivery.c.send_id,
        send.c.state == SendState.SENDING.value,
        send.c.epoch == guard.send_epoch,
        send.c.content_hash == guard.content_hash,
    )
    return exists(running)


def _exclusions(guard: Guard) -> Select[tuple[int]]:
    return select(exclusion.c.id).where(
        exclusion.c.address == delivery.c.address, exclusion.c.scope.in_((EVERYTHING, guard.topic))
    )


def _still_known() -> ColumnElement[bool]:
    """The person was not erased since; compared by address too, for a row's number may be given again."""
    known = select(contact.c.id).where(
        contact.c.id == delivery.c.contact_id, contact.c.address == delivery.c.address
    )
    return exists(known)


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
    # Either says so: the send as it is now, or the row as it was planned.
    needed = true() if guard.members_only else delivery.c.members_only
    return or_(~needed, exists(member))


def _young_enough(guard: Guard) -> ColumnElement[bool]:
    """A doubt is only repeated while the provider still knows its key (I9)."""
    # A person's decision to send a doubtful copy again is a decision for one attempt.
    never_doubted = or_(delivery.c.in_doubt_since.is_(None), delivery.c.reason == SENT_AGAIN)
    if guard.repeatable_after is None:
        return never_doubted
    return or_(never_doubted, delivery.c.first_attempt_at > guard.repeatable_after)
