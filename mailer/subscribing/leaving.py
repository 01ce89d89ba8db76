"""Unsubscribing: immediate, idempotent, and it works for somebody who has already left (rules M14, M15)."""

from datetime import datetime

from mailer.model.ledger import Delivery
from mailer.model.mail import Kind
from mailer.model.people import EVERYTHING, ExclusionReason, SubscriptionState
from mailer.store import Tx, events, exclusions, subscriptions

#: Who reports unsubscriptions, in the table of events.
OURSELVES = "relais"


def unsubscribe(
    tx: Tx, delivery: Delivery, *, topic: str, everything: bool, at: datetime, source: str
) -> bool:
    """Leave one topic, or everything; whether that was news.

    The address is excluded first: on PostgreSQL that locks the contact, so that a sender's intent of this moment waits
    and then sees it.
    """
    scope = EVERYTHING if everything else topic
    new = exclusions.add(
        tx,
        address=delivery.address,
        scope=scope,
        reason=ExclusionReason.UNSUBSCRIBED.value,
        at=at,
        source=source,
    )
    topics = subscriptions.states(tx, delivery.contact_id) if everything else {topic: ""}
    for each in topics:
        subscriptions.set_state(
            tx,
            contact_id=delivery.contact_id,
            topic=each,
            state=SubscriptionState.UNSUBSCRIBED,
            at=at,
            source=source,
            evidence=f"delivery {delivery.id}",
        )
    events.add(
        tx,
        provider=OURSELVES,
        dedupe=f"unsubscribe:{delivery.id}",
        kind=Kind.UNSUBSCRIBE,
        at=at,
        about=delivery,
    )
    return new
