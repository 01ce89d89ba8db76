"""Who has moved, left by an old letter and come back by a new one stays, whatever is told of the old address later."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailer.model.ledger import Delivery
from mailer.model.mail import Kind, ProviderEvent
from mailer.store import Store, moves
from mailer.store import exclusions as excluding
from mailer.subscribing import Choices, save, unsubscribe
from mailer.tracking import record
from tests.conftest import NOW
from tests.importing.files import imported, written
from tests.subscribing.people import exclusions
from tests.tracking.ledger import Ledger

OLD, NEW = "alix@ville.example", "alix@nouvelle.example"
TOPICS = {"flash": "Flash"}
CHOSEN = Choices(frozenset(TOPICS), frozenset(TOPICS))
HOUR = timedelta(hours=1)


@pytest.fixture
def old(store: Store, ledger: Ledger) -> Delivery:
    """The copy at the former address, of somebody who has left by it and come back by a later one."""
    person = ledger.contact(OLD)
    ledger.subscribe(person)
    old = ledger.deliver(ledger.send(), person, OLD)
    with store.write() as tx:
        moves.change(tx, person, old=OLD, new=NEW, at=NOW, by="anne")
    new = ledger.deliver(ledger.send(), person, NEW)
    with store.write() as tx:
        unsubscribe(tx, old, topic="flash", everything=False, at=NOW, source="one click")
    assert left(store, NEW) == {"flash"}
    with store.write() as tx:
        save(tx, new, known=TOPICS, choices=CHOSEN, at=NOW + HOUR)
    assert left(store, NEW) == set()
    return old


def left(store: Store, address: str) -> set[str]:
    with store.read() as tx:
        return excluding.unsubscribed_scopes(tx, address)


def tell(store: Store, kind: Kind, copy: Delivery) -> None:
    report = ProviderEvent("postal", kind, NOW + 2 * HOUR, f"{kind}-1", key=copy.key)
    with store.write() as tx:
        record(tx, [report], at=NOW + 2 * HOUR)


def test_a_late_bounce_of_the_old_mailbox_carries_no_old_word(store: Store, old: Delivery) -> None:
    tell(store, Kind.HARD_BOUNCE, old)
    assert (OLD, "*", "hard_bounce") in exclusions(store)
    assert [each for each in exclusions(store) if each[0] == NEW] == []


def test_a_complaint_about_the_old_letter_carries_itself_alone(store: Store, old: Delivery) -> None:
    tell(store, Kind.COMPLAINT, old)
    assert [each for each in exclusions(store) if each[0] == NEW] == [(NEW, "*", "complaint")]


def test_an_imported_exclusion_of_the_old_address_carries_itself_alone(
    store: Store, old: Delivery, tmp_path: Path
) -> None:
    imported(store, "exclusions", written(tmp_path, f"Courriel;Motif\n{OLD};plainte\n"))
    assert [each for each in exclusions(store) if each[0] == NEW] == [(NEW, "*", "complaint")]


def test_who_goes_back_to_the_old_address_has_not_left_there(store: Store, old: Delivery) -> None:
    with store.write() as tx:
        moves.change(tx, old.contact_id, old=NEW, new=OLD, at=NOW + 2 * HOUR, by="anne")
    assert left(store, OLD) == set()


def test_what_was_left_at_the_present_address_as_well_goes_along(store: Store, old: Delivery) -> None:
    with store.write() as tx:
        unsubscribe(tx, old, topic="flash", everything=False, at=NOW + 2 * HOUR, source="one click")
        moves.change(tx, old.contact_id, old=NEW, new=OLD, at=NOW + 3 * HOUR, by="anne")
    assert left(store, OLD) == {"flash"}
