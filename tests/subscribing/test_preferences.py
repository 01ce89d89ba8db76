"""The preference page: what the person decides, and what it may never lift."""

import pytest

from mailer.errors import RefusedError
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact, ExclusionReason, TrackingConsent
from mailer.store import Store
from mailer.store import exclusions as excluding
from mailer.subscribing import Choices, preferences, save, unsubscribe
from tests.conftest import NOW
from tests.subscribing.people import changes, consents, exclusions, subscriptions, tracking
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"
TOPICS = {"flash": "Flash", "newsletter": "Newsletter", "mailing": "Mailing"}
SOURCE = "preference page"


def choose(store: Store, delivery: Delivery, *topics: str, answer: TrackingConsent | None = None) -> None:
    with store.write() as tx:
        save(
            tx, delivery, known=TOPICS, choices=Choices(frozenset(TOPICS), frozenset(topics), answer), at=NOW
        )


@pytest.fixture
def delivery(ledger: Ledger) -> Delivery:
    """The copy of somebody who gets two topics and accepts the measure."""
    contact = ledger.contact()
    ledger.subscribe(contact, "flash")
    ledger.subscribe(contact, "newsletter")
    return ledger.deliver(ledger.send(), contact)


def test_the_page_shows_what_is_chosen(store: Store, delivery: Delivery) -> None:
    with store.read() as tx:
        shown = preferences(tx, delivery, TOPICS)
    assert dict(shown.topics) == {"flash": True, "newsletter": True, "mailing": False}
    assert shown.tracking == TrackingConsent.GRANTED


def test_each_decision_is_written_down_once(store: Store, delivery: Delivery) -> None:
    for _ in range(2):
        choose(store, delivery, "flash", "mailing", answer=TrackingConsent.DENIED)
    assert subscriptions(store) == [
        ("flash", "subscribed"), ("mailing", "subscribed"), ("newsletter", "unsubscribed"),
    ]  # fmt: skip
    assert changes(store) == [("mailing", "subscribed", SOURCE), ("newsletter", "unsubscribed", SOURCE)]
    assert consents(store) == [("denied", "preferences-2026-11", SOURCE)]
    assert tracking(store) == "denied"


def test_a_form_without_an_answer_leaves_the_consent_as_it_is(store: Store, delivery: Delivery) -> None:
    choose(store, delivery, "flash", "newsletter")
    assert (tracking(store), consents(store)) == ("granted", [])


def test_a_topic_that_the_form_did_not_show_is_left_as_it_is(store: Store, delivery: Delivery) -> None:
    choices = Choices(shown=frozenset({"flash"}), topics=frozenset())
    with store.write() as tx:
        save(tx, delivery, known=TOPICS, choices=choices, at=NOW)
    assert subscriptions(store) == [("flash", "unsubscribed"), ("newsletter", "subscribed")]


def test_coming_back_lifts_the_own_unsubscription_of_that_topic_only(
    store: Store, delivery: Delivery
) -> None:
    choose(store, delivery)
    choose(store, delivery, "flash")
    assert exclusions(store) == [(ALIX, "newsletter", "unsubscribed")]
    assert ("flash", "subscribed", SOURCE) in changes(store)


def test_whoever_left_everything_comes_back_to_what_they_tick_only(store: Store, delivery: Delivery) -> None:
    with store.write() as tx:
        unsubscribe(tx, delivery, topic="flash", everything=True, at=NOW, source="one click")
    choose(store, delivery, "flash")
    assert exclusions(store) == [(ALIX, "mailing", "unsubscribed"), (ALIX, "newsletter", "unsubscribed")]
    with store.read() as tx:
        assert dict(preferences(tx, delivery, TOPICS).topics) == {
            "flash": True, "newsletter": False, "mailing": False,
        }  # fmt: skip


@pytest.mark.parametrize(
    "reason", [each for each in ExclusionReason if each is not ExclusionReason.UNSUBSCRIBED]
)
@pytest.mark.parametrize("scope", ["*", "flash"])
def test_no_other_exclusion_is_ever_lifted(
    store: Store, delivery: Delivery, reason: ExclusionReason, scope: str
) -> None:
    with store.write() as tx:
        excluding.add(tx, address=ALIX, scope=scope, reason=reason, at=NOW, source="postal")
    choose(store, delivery)
    choose(store, delivery, *TOPICS)
    assert exclusions(store) == [(ALIX, scope, reason)]


def test_there_is_nothing_to_choose_for_an_erased_person(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        tx.execute(table(Contact).delete())
    with pytest.raises(RefusedError):
        choose(store, delivery, "flash")
    assert (subscriptions(store), exclusions(store)) == ([], [])
