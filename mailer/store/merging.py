"""Two contacts that are one person: one stays, and a refusal of either is a refusal of both.

The ledger keeps all its rows. Where both stand in a send, the person keeps the row that arrived or may have; what was
still to leave for the other is left out, so that nobody gets a mail twice.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Send
from mailer.model.people import (
    Consent,
    Contact,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
    TrackingConsent,
)
from mailer.store import consents, copies, journal, last_opens, mandates, moves, subscriptions
from mailer.store.engine import Tx

contact = table(Contact)
subscription = table(Subscription)
change = table(SubscriptionChange)
consent = table(Consent)
delivery = table(Delivery)
send = table(Send)
#: The reason of a copy that was left out because the same person has one at another address.
MERGED = "merged"
_FILLED = ("first_name", "last_name", "job", "organisation_id", "source", "registered_on", "external_id")
_STRONGEST = (SubscriptionState.UNSUBSCRIBED, SubscriptionState.SUBSCRIBED, SubscriptionState.PENDING)
_ARRIVED = (DeliveryState.ACCEPTED.value, DeliveryState.IN_DOUBT.value)


def lock(tx: Tx, addresses: tuple[str, ...]) -> dict[str, Row[Any]]:
    """Address -> contact; on PostgreSQL nobody else writes to them until the end."""
    found = select(contact).where(contact.c.address.in_(addresses)).order_by(contact.c.id)
    return {row.address: row for row in tx.execute(found.with_for_update())}


def merge(tx: Tx, kept: Row[Any], gone: Row[Any], *, at: datetime, by: str) -> None:
    """`gone` becomes a former address of `kept`; whoever calls has made sure that nothing is leaving for either."""
    source = f"merged by {by}"
    _fill(tx, kept, gone, at)
    _merge_subscriptions(tx, kept.id, gone.id, at=at, source=source)
    last_opens.carry(tx, source=gone.id, to=kept.id)
    _merge_consents(tx, kept, gone, at=at, source=source)
    last_opens.forget_unwilling(tx, kept.id)
    for former in [*moves.former(tx, gone.id), gone.address]:
        moves.record(tx, address=former, contact_id=kept.id, at=at, by=by)
    moves.carry_refusals(tx, source=gone.address, to=kept.address, at=at)
    moves.carry_refusals(tx, source=kept.address, to=gone.address, at=at)
    _merge_ledger(tx, kept, gone, at)
    mandates.merge(tx, kept=kept.id, gone=gone.id)
    journal.stand_on(tx, kept.id, gone.id)
    tx.execute(contact.delete().where(contact.c.id == gone.id))


def _fill(tx: Tx, kept: Row[Any], gone: Row[Any], at: datetime) -> None:
    values = {name: getattr(kept, name) or getattr(gone, name) for name in _FILLED}
    pauses = [each.paused_until for each in (kept, gone) if each.paused_until is not None]
    # No two contacts bear one name of another program, not even for a moment.
    tx.execute(contact.update().where(contact.c.id == gone.id).values(external_id=None))
    values |= {
        "attributes": {**gone.attributes, **kept.attributes},
        "paused_until": max(pauses, default=None),
        "updated_at": at,
    }
    tx.execute(contact.update().where(contact.c.id == kept.id).values(**values))


def _merge_subscriptions(tx: Tx, kept: int, gone: int, *, at: datetime, source: str) -> None:
    """What either has left is left; what either gets is got; what nobody said is not said."""
    own, other = subscriptions.states(tx, kept), subscriptions.states(tx, gone)
    subscriptions.write_out(tx, gone)
    consents.write_out(tx, gone)
    for log in (change, consent):
        tx.execute(log.update().where(log.c.contact_id == gone).values(contact_id=kept))
    tx.execute(subscription.delete().where(subscription.c.contact_id == gone))
    for topic in sorted(other):
        said = {own.get(topic), other[topic]}
        state = next(each for each in _STRONGEST if each.value in said)
        subscriptions.set_state(tx, contact_id=kept, topic=topic, state=state, at=at, source=source)


def _merge_consents(tx: Tx, kept: Row[Any], gone: Row[Any], *, at: datetime, source: str) -> None:
    """A refusal of either holds."""
    answers = (TrackingConsent.DENIED, TrackingConsent.GRANTED, TrackingConsent.UNKNOWN)
    answer = next(each for each in answers if each.value in {kept.tracking, gone.tracking})
    if answer.value != kept.tracking:
        consents.record(tx, kept.id, state=answer, at=at, source=source, wording="")


def _merge_ledger(tx: Tx, kept: Row[Any], gone: Row[Any], at: datetime) -> None:
    theirs = select(delivery.c.id, delivery.c.send_id, delivery.c.contact_id, delivery.c.state)
    rows = tx.execute(theirs.where(copies.of_contacts((kept.id, gone.id)))).all()
    own = {row.send_id: row for row in rows if row.contact_id == kept.id}
    for other in (row for row in rows if row.contact_id == gone.id):
        if other.send_id not in own:
            _give(tx, other.id, kept)
            continue
        mine = own[other.send_id]
        arrived = other.state in _ARRIVED and mine.state not in _ARRIVED
        loser, winner = (mine, other) if arrived else (other, mine)
        _leave_out(tx, loser.id, at)
        if winner is other:
            _give(tx, other.id, kept)


def _give(tx: Tx, delivery_id: int, kept: Row[Any]) -> None:
    """The copy is the person's; one that is still to leave goes to the address that stays."""
    mine = delivery.c.id == delivery_id
    tx.execute(delivery.update().where(mine).values(contact_id=kept.id))
    waiting = and_(mine, delivery.c.state == DeliveryState.PLANNED.value)
    tx.execute(delivery.update().where(waiting).values(address=kept.address))


def _leave_out(tx: Tx, delivery_id: int, at: datetime) -> None:
    """The row stays for the counts, and is nobody's: a number of its own, that no contact has."""
    mine = delivery.c.id == delivery_id
    waiting = and_(mine, delivery.c.state == DeliveryState.PLANNED.value)
    out = {"state": DeliveryState.EXCLUDED.value, "reason": MERGED, "concluded_at": at}
    tx.execute(delivery.update().where(waiting).values(**out))
    tx.execute(delivery.update().where(mine).values(contact_id=-delivery.c.id))
