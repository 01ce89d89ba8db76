"""The preference page: topics, and the answer about the measure of opens.

Coming back is the one way in which an exclusion goes: the person's own `unsubscribed` row for that topic is removed,
and the append-only log of subscriptions proves the decision. A bounce, a complaint or an exclusion by hand stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailer.errors import RefusedError
from mailer.model.ledger import Delivery
from mailer.model.people import SubscriptionState, TrackingConsent
from mailer.store import Tx, consents, exclusions, subscriptions
from mailer.subscribing.leaving import unsubscribe

#: The wording that people answer on the page; change it with the sentence (rules P7).
WORDING = "preferences-2026-11"
SOURCE = "preference page"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person has chosen so far; `topics` maps a topic to whether they get it."""

    topics: Mapping[str, bool]
    tracking: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form says: of the topics it showed, those that are ticked; `tracking` is None where it did not ask."""

    shown: frozenset[str]
    topics: frozenset[str]
    tracking: TrackingConsent | None = None


def preferences(tx: Tx, delivery: Delivery, known: Mapping[str, str]) -> Preferences:
    """The present choices of the person who got this copy."""
    states = subscriptions.states(tx, delivery.contact_id)
    left = exclusions.unsubscribed_scopes(tx, delivery.address)
    return Preferences(
        topics={
            topic: states.get(topic) == SubscriptionState.SUBSCRIBED.value
            and topic not in left
            and "*" not in left
            for topic in known
        },
        tracking=consents.present(tx, delivery.contact_id),
    )


def save(tx: Tx, delivery: Delivery, *, known: Mapping[str, str], choices: Choices, at: datetime) -> None:
    """Write every decision down; saving the same again changes nothing. Raises RefusedError once they are erased."""
    if exclusions.lock_person(tx, delivery.contact_id) != delivery.address:
        raise RefusedError("This address is no longer in our list: there is nothing to choose for it.")
    before = preferences(tx, delivery, known)
    for topic in (each for each in known if each in choices.shown):
        wanted = topic in choices.topics
        if before.topics[topic] and not wanted:
            unsubscribe(tx, delivery, topic=topic, everything=False, at=at, source=SOURCE)
        elif wanted and not before.topics[topic]:
            _come_back(tx, delivery, topic, known, at)
    if choices.tracking is not None and choices.tracking.value != before.tracking:
        consents.record(
            tx, delivery.contact_id, state=choices.tracking, at=at, source=SOURCE, wording=WORDING
        )


def _come_back(tx: Tx, delivery: Delivery, topic: str, known: Mapping[str, str], at: datetime) -> None:
    exclusions.lift_own(tx, address=delivery.address, topic=topic, known=known, at=at)
    subscriptions.set_state(
        tx,
        contact_id=delivery.contact_id,
        topic=topic,
        state=SubscriptionState.SUBSCRIBED,
        at=at,
        source=SOURCE,
        evidence=f"delivery {delivery.id}",
    )
