"""The preference page: topics, a pause, the language, and the answer about the measure of opens.

Coming back is the one way in which an exclusion goes: the person's own `unsubscribed` row for that topic is removed,
and the append-only log of subscriptions proves the decision. A bounce, a complaint or an exclusion by hand stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.errors import InputError, RefusedError
from mailer.i18n import marked
from mailer.model.ledger import Delivery
from mailer.model.people import SubscriptionState, TrackingConsent
from mailer.store import Tx, consents, contacts, exclusions, moves, pauses, subscriptions
from mailer.subscribing.leaving import unsubscribe

#: The wording that people answer on the page; change it with the sentence (rules P7).
WORDING = "preferences-2026-11"
SOURCE = "preference page"
#: The same for the page to which a letter that asks leads.
LETTER_WORDING = "asking-letter-2026-11"
LETTER = "asking letter"
_GONE = marked("This address is no longer in our list: there is nothing to choose for it.")
#: Whoever wants none for longer than a year unsubscribes.
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person has chosen so far; `topics` maps a topic to whether they get it.

    `paused_until` is the first day on which they are written to again, also where it has passed; `language` is None
    for somebody who is no longer here.
    """

    topics: Mapping[str, bool]
    tracking: str
    answered_at: datetime | None = None
    paused_until: date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The first day on which the person wants letters again; None: at once."""

    until: date | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form says: of the topics it showed, those that are ticked; `tracking` is None where it did not ask."""

    shown: frozenset[str]
    topics: frozenset[str]
    tracking: TrackingConsent | None = None
    pause: Pause | None = None
    language: str | None = None


def pause_until(text: str, *, today: date) -> Pause:
    """A pause as a form says it, none for an empty text; raises InputError for a day that ends no pause."""
    if not text:
        return Pause(None)
    first, last = today + timedelta(days=1), today + LONGEST_PAUSE
    try:
        until = date.fromisoformat(text)
    except ValueError:
        until = today
    if not first <= until <= last:
        raise InputError(
            "A pause ends on a day from {first} to {last}. Write it as {example}.",
            first=first.isoformat(),
            last=last.isoformat(),
            example=last.replace(day=1).isoformat(),
        )
    return Pause(until)


def preferences(tx: Tx, delivery: Delivery, known: Mapping[str, str]) -> Preferences:
    """The present choices of the person who got this copy; what was left at either of their addresses is left.

    Raises RefusedError where its mailbox is somebody else's today: they must not read what another one chose.
    """
    person = moves.owner(tx, delivery)
    present = contacts.present_address(tx, person) or delivery.address
    if _is_of_another(tx, delivery, person, present):
        raise RefusedError(_GONE)
    states = subscriptions.states(tx, person)
    left = {
        scope for each in {delivery.address, present} for scope in exclusions.unsubscribed_scopes(tx, each)
    }
    return Preferences(
        topics={
            topic: states.get(topic) == SubscriptionState.SUBSCRIBED.value
            and topic not in left
            and "*" not in left
            for topic in known
        },
        tracking=consents.present(tx, person),
        answered_at=consents.answered_at(tx, person),
        paused_until=pauses.present(tx, person),
        language=contacts.language(tx, person),
    )


def save(tx: Tx, delivery: Delivery, *, known: Mapping[str, str], choices: Choices, at: datetime) -> None:
    """Write every decision down; saving the same again changes nothing. Raises RefusedError once they are erased."""
    person, present = _lock_owner(tx, delivery)
    before = preferences(tx, delivery, known)
    for topic in (each for each in known if each in choices.shown):
        wanted = topic in choices.topics
        if before.topics[topic] and not wanted:
            unsubscribe(tx, delivery, topic=topic, everything=False, at=at, source=SOURCE)
        elif wanted and not before.topics[topic]:
            _come_back(tx, delivery, person, present, topic, known, at)
    if choices.tracking is not None and choices.tracking.value != before.tracking:
        consents.record(tx, person, state=choices.tracking, at=at, source=SOURCE, wording=WORDING)
    if choices.pause is not None:
        pauses.change_to(tx, person, choices.pause.until, at=at, source=SOURCE)
    if choices.language is not None:
        contacts.set_language(tx, person, choices.language, at=at)


def answer(tx: Tx, delivery: Delivery, state: TrackingConsent, *, at: datetime) -> None:
    """What the person says to a letter that asks for the consent to be measured; the same again changes nothing.

    Raises RefusedError once they are erased.
    """
    person, _ = _lock_owner(tx, delivery)
    if consents.present(tx, person) != state.value:
        consents.record(tx, person, state=state, at=at, source=LETTER, wording=LETTER_WORDING)


def _lock_owner(tx: Tx, delivery: Delivery) -> tuple[int, str]:
    """The person whose copy it is, kept as they are until the commit, and their present address.

    Raises RefusedError once they are erased.
    """
    person = moves.owner(tx, delivery)
    present = exclusions.lock_person(tx, person)
    if present is None or _is_of_another(tx, delivery, person, present):
        raise RefusedError(_GONE)
    return person, present


def _is_of_another(tx: Tx, delivery: Delivery, person: int, present: str) -> bool:
    """The copy lies in a mailbox that was handed on since."""
    return present != delivery.address and moves.person_of(tx, delivery.address) != person


def _come_back(
    tx: Tx, delivery: Delivery, person: int, address: str, topic: str, known: Mapping[str, str], at: datetime
) -> None:
    """At every address of the person: what holds at one holds at all of them."""
    for each in {delivery.address, address}:
        exclusions.lift_own(tx, address=each, topic=topic, known=known, at=at)
    subscriptions.set_state(
        tx,
        contact_id=person,
        topic=topic,
        state=SubscriptionState.SUBSCRIBED,
        at=at,
        source=SOURCE,
        evidence=f"delivery {delivery.id}",
    )
