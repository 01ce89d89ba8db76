"""What must still be true when a byte leaves: the conditions of an intent (R1), and the locks that make them hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, bindparam, exists, func, or_, select, true

from mailer.model.columns import Instant, table
from mailer.model.imports import AddressMove
from mailer.model.ledger import Delivery, Send, SendState
from mailer.model.people import (
    EVERYTHING,
    Contact,
    Exclusion,
    Membership,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store import asked, attempts, measures
from mailer.store.attempts import Repeatable
from mailer.store.engine import Tx
from mailer.store.planning import valid_on

delivery = table(Delivery)
send = table(Send)
contact = table(Contact)
exclusion = table(Exclusion)
move = table(AddressMove)
membership = table(Membership)
subscription, change = table(Subscription), table(SubscriptionChange)

#: The reason under which a person lets a doubtful delivery be handed over once more.
SENT_AGAIN = "sent-again"


@dataclass(frozen=True, slots=True)
class Guard:
    """The send as it was read, its topic, today, and which doubts may be repeated (None: none)."""

    send_id: int
    send_epoch: int
    content_hash: str
    topic: str
    members_only: bool
    day: date
    repeatable: Repeatable | None = None
    #: The account of a provider that the copies go to.
    account: str = ""
    #: The letter asks for the consent to be measured.
    asks: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """What fills the conditions."""
        values = {
            "send_epoch": self.send_epoch,
            "send_content_hash": self.content_hash,
            "send_topic": self.topic,
            "today": self.day,
        }
        if self.asks:
            values["asked_since"] = asked.since(self.day)
        may = self.repeatable
        return values if may is None else {**values, "doubts_after": may.after, "doubts_at": may.account}


def lock_send(tx: Tx, send_id: int, *, exclusive: bool) -> None:
    """On PostgreSQL: keep the send's state as it is until the commit. Always before its deliveries are touched.

    SQLite needs no locks: BEGIN IMMEDIATE lets one writer in at a time.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(send.c.id).where(send.c.id == send_id).with_for_update(read=not exclusive))


def lock_people(tx: Tx, contact_ids: Sequence[int], *, asks: bool = False) -> None:
    """On PostgreSQL: share locks on contacts, so that no exclusion slips between the intent and its commit.

    READ COMMITTED would let the UPDATE miss what commits beside it; excluding somebody locks the same row. Their
    memberships are locked too: whoever ends one waits, or is waited for. Two letters that ask wait for each other, so
    that nobody is asked by both.
    """
    if tx.dialect.name != "postgresql":
        return
    people = select(contact.c.id).where(contact.c.id.in_(contact_ids)).order_by(contact.c.id)
    tx.execute(people.with_for_update(read=not asks, key_share=asks))
    theirs = select(contact.c.organisation_id).where(contact.c.id.in_(contact_ids))
    held = select(membership.c.id).where(membership.c.organisation_id.in_(theirs)).order_by(membership.c.id)
    tx.execute(held.with_for_update(read=True))


def conditions(*, members_only: bool, repeats: bool, asks: bool) -> tuple[ColumnElement[bool], ...]:
    """Every one must hold for a delivery to leave; `Guard.values` fills them.

    `repeats`: doubts may be repeated while they are young enough. `asks`: the letter asks for a consent.
    """
    may_be_asked = (_unanswered(), ~_asked_lately()) if asks else ()
    return (
        *may_be_asked,
        _running(),
        ~exists(_exclusions()),
        _still_known(),
        _still_subscribed(),
        _still_member(members_only),
        ~_paused(),
        # Who has refused since the claim keeps their copy, without its pixel: the next claim takes that off.
        or_(~delivery.c.measured, measures.may_carry_one()),
        _young_enough(repeats),
    )


def why_not(tx: Tx, claimed: Delivery, *, guard: Guard) -> str | None:
    """The reason for which this person must not get it, or None when something else stopped the intent."""
    about = select(delivery.c.id).where(delivery.c.id == claimed.id)
    excluded = select(func.min(exclusion.c.reason)).where(
        exclusion.c.address == claimed.address, exclusion.c.scope.in_((EVERYTHING, guard.topic))
    )
    found = tx.execute(excluded).scalar_one()
    if found:
        return str(found)
    reasons: tuple[tuple[str, ColumnElement[bool]], ...] = (
        ("moved", or_(_still_known(), ~_moved())),
        ("erased", _still_known()),
        ("unsubscribed", _still_subscribed()),
        ("not_member", _still_member(guard.members_only)),
        ("paused", ~_paused()),
    )
    if guard.asks:
        reasons += ((asked.ANSWERED, _unanswered()), (asked.LATELY, ~_asked_lately()))
    for reason, holds in reasons:
        if tx.execute(about.where(~holds), guard.values).first():
            return reason
    return None


def _running() -> ColumnElement[bool]:
    running = select(send.c.id).where(
        send.c.id == delivery.c.send_id,
        send.c.state == SendState.SENDING.value,
        send.c.epoch == bindparam("send_epoch"),
        send.c.content_hash == bindparam("send_content_hash"),
        or_(send.c.stage_until.is_(None), delivery.c.id <= send.c.stage_until),
    )
    return exists(running)


def _exclusions() -> Select[tuple[int]]:
    scope = or_(exclusion.c.scope == EVERYTHING, exclusion.c.scope == bindparam("send_topic"))
    return select(exclusion.c.id).where(exclusion.c.address == delivery.c.address, scope)


def _still_known() -> ColumnElement[bool]:
    """The person was not erased since; compared by address too, for a row's number may be given again."""
    known = select(contact.c.id).where(
        contact.c.id == delivery.c.contact_id, contact.c.address == delivery.c.address
    )
    return exists(known)


def _moved() -> ColumnElement[bool]:
    """The copy is at a former address of a person who is still here."""
    return exists(
        select(move.c.address).where(
            move.c.contact_id == delivery.c.contact_id, move.c.address == delivery.c.address
        )
    )


def _still_subscribed() -> ColumnElement[bool]:
    """They have not left, nor has a successor taken over what came with a function; who never subscribed may be chosen."""
    theirs = select(subscription.c.id).where(
        subscription.c.contact_id == delivery.c.contact_id,
        subscription.c.topic == bindparam("send_topic"),
    )
    left = theirs.where(subscription.c.state == SubscriptionState.UNSUBSCRIBED.value)
    held = theirs.where(subscription.c.state == SubscriptionState.SUBSCRIBED.value)
    passed = select(change.c.id).where(
        change.c.contact_id == delivery.c.contact_id,
        change.c.topic == bindparam("send_topic"),
        change.c.state == SubscriptionState.PASSED.value,
    )
    return and_(~exists(left), or_(exists(held), ~exists(passed)))


def _still_member(members_only: bool) -> ColumnElement[bool]:
    """Read from the contact's organisation at this moment: the third members-only layer."""
    member = (
        select(contact.c.id)
        .join(membership, membership.c.organisation_id == contact.c.organisation_id)
        .where(contact.c.id == delivery.c.contact_id, valid_on(bindparam("today", type_=Date)))
    )
    # Either says so: the send as it is now, or the row as it was planned.
    needed = true() if members_only else delivery.c.members_only
    return or_(~needed, exists(member))


def _paused() -> ColumnElement[bool]:
    """The person asked for a pause that is not over: they may have done so after the ledger was written."""
    resting = select(contact.c.id).where(
        contact.c.id == delivery.c.contact_id, contact.c.paused_until > bindparam("today", type_=Date)
    )
    return exists(resting)


def _unanswered() -> ColumnElement[bool]:
    """The person has not answered about the measure: they may have since the ledger was written."""
    return ~exists(select(contact.c.id).where(contact.c.id == delivery.c.contact_id, asked.has_answered()))


def _asked_lately() -> ColumnElement[bool]:
    """Another letter asked the person: it may have left since the ledger was written."""
    after = bindparam("asked_since", type_=Instant)
    return asked.was_asked(delivery.c.contact_id, after, but=delivery.c.send_id)


def _young_enough(repeats: bool) -> ColumnElement[bool]:
    """A doubt is only repeated where the provider knows its key, and while it does (I9)."""
    # A person's decision to send a doubtful copy again is a decision for one attempt.
    never_doubted = or_(delivery.c.in_doubt_since.is_(None), delivery.c.reason == SENT_AGAIN)
    if not repeats:
        return never_doubted
    after, now = (bindparam(name, type_=Instant) for name in ("doubts_after", "now"))
    its = attempts.doubted_between(delivery.c.id, after, now, account=bindparam("doubts_at", type_=String))
    return or_(never_doubted, its)
