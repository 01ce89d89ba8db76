"""The preference page: what the person decides, and what it may never lift."""

from datetime import date

import pytest

from mailer.errors import InputError, RefusedError
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact, ExclusionReason, SubscriptionChange, TrackingConsent
from mailer.store import Store, moves
from mailer.store import exclusions as excluding
from mailer.subscribing import Choices, Pause, pause_until, preferences, save, unsubscribe
from tests.conftest import NOW
from tests.subscribing.people import changes, consents, exclusions, rows, subscriptions, tracking
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"
TOPICS = {"flash": "Flash", "newsletter": "Newsletter", "mailing": "Mailing"}
SOURCE = "preference page"


def choose(store: Store, delivery: Delivery, *topics: str, answer: TrackingConsent | None = None) -> None:
    with store.write() as tx:
        save(
            tx, delivery, known=TOPICS, choices=Choices(frozenset(TOPICS), frozenset(topics), answer), at=NOW
        )


def moved(store: Store, delivery: Delivery, new: str = "alix@agglo.example") -> str:
    with store.write() as tx:
        moves.change(tx, delivery.contact_id, old=delivery.address, new=new, at=NOW, by="anne")
    return new


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


def test_an_old_letter_shows_what_was_left_at_the_present_address_and_brings_it_back(
    store: Store, delivery: Delivery
) -> None:
    new = moved(store, delivery)
    with store.write() as tx:
        excluding.add(tx, address=new, scope="flash", reason="unsubscribed", at=NOW, source="a list")
        assert preferences(tx, delivery, TOPICS).topics["flash"] is False
    choose(store, delivery, "flash", "newsletter")
    assert exclusions(store) == []


def test_who_was_handed_the_mailbox_does_not_read_what_another_one_chose(
    store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    moved(store, delivery)
    ledger.contact(ALIX)
    with store.read() as tx, pytest.raises(RefusedError, match="no longer in our list"):
        preferences(tx, delivery, TOPICS)


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


def decide(store: Store, delivery: Delivery, **chosen: object) -> None:
    with store.write() as tx:
        save(tx, delivery, known=TOPICS, choices=Choices(frozenset(), frozenset(), **chosen), at=NOW)  # type: ignore[arg-type]


def test_a_pause_begins_moves_and_ends_with_its_proof(store: Store, delivery: Delivery) -> None:
    first, later = date(2026, 7, 1), date(2026, 9, 1)
    for until in (first, first, later, None, None):
        decide(store, delivery, pause=Pause(until))
    assert rows(store, SubscriptionChange, "topic", "state", "evidence") == [
        ("*", "paused", "until 2026-07-01"), ("*", "paused", "until 2026-09-01"), ("*", "resumed", ""),
    ]  # fmt: skip
    assert rows(store, Contact, "paused_until") == [(None,)]
    assert subscriptions(store) == [("flash", "subscribed"), ("newsletter", "subscribed")]


def test_the_language_and_the_day_of_the_answer_are_shown(store: Store, delivery: Delivery) -> None:
    decide(store, delivery, language="en", tracking=TrackingConsent.DENIED, pause=Pause(date(2026, 7, 1)))
    with store.read() as tx:
        shown = preferences(tx, delivery, TOPICS)
    assert (shown.language, shown.answered_at, shown.paused_until) == ("en", NOW, date(2026, 7, 1))


@pytest.mark.parametrize("text", ["2026-06-11", "2026-06-10", "2027-06-13", "soon", "2026-13-01", "none"])
def test_a_day_that_ends_no_pause_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="2026-06-12 to 2027-06-12"):
        pause_until(text, today=NOW.date())


def test_a_pause_is_for_a_year_at_the_most() -> None:
    assert [pause_until(text, today=NOW.date()).until for text in ("2026-06-12", "2027-06-12", "")] == [
        date(2026, 6, 12), date(2027, 6, 12), None,
    ]  # fmt: skip
