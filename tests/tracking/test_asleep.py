"""A year of letters and none opened (rule O16): it is proposed to a person to write no more, and what that ends."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Subscription, SubscriptionChange, SubscriptionState, TrackingConsent
from mailer.store import Store, consents, last_opens, retention, subscriptions
from mailer.store.retention import Bounds
from tests.tracking.ledger import Ledger
from tests.tracking.test_last_opens import ALIX, decided

YEAR = timedelta(days=365)


def letters(store: Store, ledger: Ledger, contact: int, *days_ago: int, bounced: bool = False) -> None:
    """Letters that left so many days ago."""
    sends, copies = table(Send), table(Delivery)
    for days in days_ago:
        send = decided(store, ledger)
        copy = ledger.deliver(send, contact)
        with store.write() as tx:
            began = ledger.now - timedelta(days=days)
            tx.execute(sends.update().where(sends.c.id == send.id).values(started_at=began))
            if bounced:
                tx.execute(copies.update().where(copies.c.id == copy.id).values(outcome="bounced"))


def proposed(store: Store, ledger: Ledger) -> set[tuple[int, str]]:
    with store.read() as tx:
        return {
            (each.contact_id, each.topic)
            for each in last_opens.asleep(tx, since=ledger.now - YEAR, now=ledger.now)
        }


def test_who_had_letters_for_a_year_and_opened_none_is_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    assert proposed(store, ledger) == {(contact, "flash")}
    with store.write() as tx:
        last_opens.keep(tx, {contact: (ledger.now - YEAR).date() - timedelta(days=1)})
    assert proposed(store, ledger) == {(contact, "flash")}
    with store.write() as tx:
        last_opens.keep(tx, {contact: (ledger.now - YEAR).date()})
    assert proposed(store, ledger) == set()


def test_who_is_new_gets_nothing_any_more_or_never_got_one_is_not_proposed(
    store: Store, ledger: Ledger
) -> None:
    for number, (days, bounced) in enumerate(
        [((10, 20), False), ((400,), False), ((400, 40), True), ((), False)]
    ):
        contact = ledger.contact(f"p{number}@ville.example")
        ledger.subscribe(contact)
        letters(store, ledger, contact, *days, bounced=bounced)
    assert proposed(store, ledger) == set()


@pytest.mark.parametrize("answer", [TrackingConsent.DENIED, TrackingConsent.UNKNOWN])
def test_who_does_not_accept_the_measure_is_never_proposed(
    store: Store, ledger: Ledger, answer: TrackingConsent
) -> None:
    ledger.subscribe(contact := ledger.contact(tracking=answer))
    letters(store, ledger, contact, 400, 40)
    assert proposed(store, ledger) == set()


def test_who_had_no_time_yet_to_open_the_only_letter_is_not_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 27)
    assert proposed(store, ledger) == set()
    letters(store, ledger, contact, 29)
    assert proposed(store, ledger) == {(contact, "flash")}


def test_who_refused_and_accepted_again_since_then_is_not_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    for days, answer in (
        (366, TrackingConsent.GRANTED),
        (30, TrackingConsent.DENIED),
        (29, TrackingConsent.GRANTED),
    ):
        with store.write() as tx:
            at = ledger.now - timedelta(days=days)
            consents.record(tx, contact, state=answer, at=at, source="page", wording="v1")
        assert bool(proposed(store, ledger)) is (days == 366)


def test_ending_is_of_the_topic_alone_is_written_down_and_excludes_nobody(
    store: Store, ledger: Ledger
) -> None:
    ledger.subscribe(contact := ledger.contact())
    ledger.subscribe(contact, "newsletter")
    letters(store, ledger, contact, 400, 40)
    with store.write() as tx:
        assert last_opens.end_asleep(tx, since=ledger.now - YEAR, at=ledger.now) == 1
    subscriptions, changes = table(Subscription), table(SubscriptionChange)
    with store.read() as tx:
        states = {row.topic: row.state for row in tx.execute(select(subscriptions))}
        [change] = tx.execute(select(changes)).all()
        assert tx.exec_driver_sql("SELECT count(*) FROM exclusion").scalar_one() == 0
    assert states == {"flash": "unsubscribed", "newsletter": "subscribed"}
    assert (change.topic, change.source) == ("flash", "last opening")
    assert proposed(store, ledger) == set()


def test_such_an_end_is_no_word_of_theirs_until_they_say_so_themselves(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    old = ledger.now + timedelta(days=1)
    bounds = Bounds(people=old, details=old, asleep=old, now=ledger.now, today=ledger.now.date())
    with store.write() as tx:
        last_opens.end_asleep(tx, since=ledger.now - YEAR, at=ledger.now)
        assert last_opens.ended(tx, contact) == {"flash"}
        assert retention.inactive(tx, bounds) == [ALIX]
        state, at = SubscriptionState.UNSUBSCRIBED, ledger.now + timedelta(hours=1)
        subscriptions.set_state(
            tx, contact_id=contact, topic="flash", state=state, at=at, source="page", again=True
        )
        assert last_opens.ended(tx, contact) == set()
        assert retention.inactive(tx, dataclasses.replace(bounds, people=ledger.now + 2 * YEAR)) == []
    with store.write() as tx:
        assert retention.inactive(tx, bounds) == []


def test_such_an_end_is_no_sign_of_life(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    later = ledger.now + timedelta(days=2)
    with store.write() as tx:
        last_opens.end_asleep(tx, since=ledger.now - YEAR, at=later)
        since = ledger.now + timedelta(days=1)
        bounds = Bounds(people=since, details=since, asleep=since, now=later, today=later.date())
        assert retention.inactive(tx, bounds) == [ALIX]
