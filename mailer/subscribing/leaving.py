"""Unsubscribing: immediate, idempotent, and it works for somebody who has already left (rules M14, M15)."""

from datetime import datetime

from mailer.model.ledger import Delivery
from mailer.model.mail import Kind
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.store import Tx, events, exclusions, moves, subscriptions

#: Who reports unsubscriptions, in the table of events.
OURSELVES = "relais"


def unsubscribe(
    tx: Tx, delivery: Delivery, *, topic: str, everything: bool, at: datetime, source: str
) -> bool:
    """Leave one topic, or everything; whether that was news.

    On PostgreSQL the contact is locked first, so that a sender's intent of this moment waits and then sees the
    exclusion. Who has been erased since, or whose address has changed, is excluded all the same.
    """
    person = moves.owner(tx, delivery)
    present = exclusions.lock_person(tx, person)
    scope = EVERYTHING if everything else topic
    news = [
        exclusions.add(
            tx,
            address=address,
            scope=scope,
            reason=ExclusionReason.UNSUBSCRIBED.value,
            at=at,
            source=source,
        )
        for address in sorted({delivery.address, present or delivery.address})
    ]
    if present is not None:
        topics = subscriptions.states(tx, person) if everything else [topic]
        subscriptions.leave(tx, person, topics, delivery_id=delivery.id, at=at, source=source)
    events.add(
        tx,
        provider=OURSELVES,
        dedupe=f"unsubscribe:{delivery.id}",
        kind=Kind.UNSUBSCRIBE,
        at=at,
        about=delivery,
    )
    return any(news)
