"""Unsubscribing: one topic or everything, again and again, also for those who are gone."""

import threading

import pytest

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact
from mailer.store import Store
from mailer.subscribing import unsubscribe
from tests.conftest import NOW
from tests.subscribing.people import changes, events, exclusions, subscriptions
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"


def leave(store: Store, delivery: Delivery, *, everything: bool = False) -> bool:
    with store.write() as tx:
        return unsubscribe(tx, delivery, topic="flash", everything=everything, at=NOW, source="one click")


def test_leaving_a_topic_excludes_from_it_and_proves_it(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    ledger.subscribe(contact, "flash")
    ledger.subscribe(contact, "newsletter")
    delivery = ledger.deliver(ledger.send(), contact)
    assert leave(store, delivery)
    assert exclusions(store) == [(ALIX, "flash", "unsubscribed")]
    assert subscriptions(store) == [("flash", "unsubscribed"), ("newsletter", "subscribed")]
    assert changes(store) == [("flash", "unsubscribed", "one click")]
    assert events(store) == [("relais", "unsubscribe", delivery.id)]


def test_leaving_everything_closes_every_subscription(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    ledger.subscribe(contact, "flash")
    ledger.subscribe(contact, "newsletter")
    leave(store, ledger.deliver(ledger.send(), contact), everything=True)
    assert exclusions(store) == [(ALIX, "*", "unsubscribed")]
    assert subscriptions(store) == [("flash", "unsubscribed"), ("newsletter", "unsubscribed")]


@pytest.mark.parametrize("everything", [False, True])
def test_leaving_again_changes_nothing(store: Store, ledger: Ledger, *, everything: bool) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    assert leave(store, delivery, everything=everything)
    before = exclusions(store), subscriptions(store), changes(store), events(store)
    assert not leave(store, delivery, everything=everything)
    assert (exclusions(store), subscriptions(store), changes(store), events(store)) == before


def test_two_clicks_at_once_leave_one_trace(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    ledger.subscribe(contact)
    delivery = ledger.deliver(ledger.send(), contact)
    threads = [threading.Thread(target=leave, args=(store, delivery)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(exclusions(store)) == len(changes(store)) == len(events(store)) == 1


def test_somebody_who_was_erased_stays_excluded(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        tx.execute(table(Contact).delete())
    assert leave(store, delivery)
    assert exclusions(store) == [(ALIX, "flash", "unsubscribed")]
    assert subscriptions(store) == []


def test_the_new_address_of_whoever_has_moved_is_excluded_too(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        tx.execute(table(Contact).update().values(address="alix@region.example"))
    leave(store, delivery)
    assert {address for address, _, _ in exclusions(store)} == {ALIX, "alix@region.example"}
