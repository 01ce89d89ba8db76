"""Erasing one person on both databases: nothing names them, the ledger still adds up."""

from sqlalchemy import func, select

from mailer.model.columns import metadata, table
from mailer.model.ledger import Delivery
from mailer.store import Store, exclusions, moves, persons
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

ALIX, DIRECTION = "alix@ville.example", "direction@ville.example"
DIGEST = "hmac:alix"


def digest(address: str) -> str:
    return f"hmac:{address.partition('@')[0]}"


def test_an_erased_person_leaves_a_digest_and_a_count(store: Store, signer: Signer) -> None:
    ledger = Ledger(store, signer, NOW)
    contact = ledger.contact(ALIX)
    ledger.subscribe(contact)
    ledger.deliver(ledger.send(), contact)
    with store.write() as tx:
        assert persons.search(tx, "", limit=5)[0].address == ALIX
        assert persons.find(tx, ALIX)
        assert persons.erase(tx, ALIX, digest=digest, at=NOW, source="desk")
        assert persons.find(tx, ALIX) is None
        assert exclusions.erased(tx) == {DIGEST}
        assert tx.execute(select(func.count()).select_from(table(Delivery))).scalar_one() == 1
        assert ALIX not in str([tx.execute(select(each)).all() for each in metadata.sorted_tables])
        assert not persons.erase(tx, ALIX, digest=digest, at=NOW, source="desk")


def moved_away(store: Store, signer: Signer) -> tuple[Ledger, int]:
    """The ledger, and the number of Anne, who had one letter at an address that she has left since."""
    ledger = Ledger(store, signer, NOW)
    anne = ledger.contact(DIRECTION)
    ledger.deliver(ledger.send(), anne, DIRECTION)
    with store.write() as tx:
        moves.change(tx, anne, old=DIRECTION, new=ALIX, at=NOW, by="x")
    return ledger, anne


def test_letters_at_an_address_that_another_has_today_are_nobodys(store: Store, signer: Signer) -> None:
    ledger, _ = moved_away(store, signer)
    bob = ledger.contact(DIRECTION)
    ledger.deliver(ledger.send(), bob, DIRECTION)
    with store.write() as tx:
        assert persons.erase(tx, ALIX, digest=digest, at=NOW, source="desk")
        assert persons.find(tx, DIRECTION)
        assert exclusions.erased(tx) == {DIGEST}
        held = tx.execute(select(table(Delivery).c.contact_id).order_by(table(Delivery).c.id)).scalars().all()
    assert held[0] < 0
    assert held[1] == bob


def test_no_letter_and_no_link_of_an_erased_person_is_the_next_ones(store: Store, signer: Signer) -> None:
    ledger = Ledger(store, signer, NOW)
    anne = ledger.contact(ALIX)
    ledger.deliver(ledger.send(), anne, ALIX)
    ledger.deliver(ledger.send(), anne, DIRECTION)
    with store.write() as tx:
        assert persons.erase(tx, ALIX, digest=digest, at=NOW, source="desk")
    # SQLite gives the number of the last contact again.
    successor = ledger.contact("next@ville.example")
    with store.read() as tx:
        held = tx.execute(select(table(Delivery))).all()
        assert {anne, successor}.isdisjoint(row.contact_id for row in held)
        assert {row.address for row in held} == {DIGEST, digest(DIRECTION)}


def test_what_was_sent_to_whoever_had_the_address_before_is_not_the_next_ones(
    store: Store, signer: Signer
) -> None:
    anne = handed_on(store, signer)
    with store.read() as tx:
        theirs = persons.find(tx, ALIX), persons.find(tx, DIRECTION)
    assert [[each["issue"] for each in person["letters"]] for person in theirs if person] == [["n1"], ["n2"]]
    with store.write() as tx:
        assert persons.erase(tx, DIRECTION, digest=digest, at=NOW, source="desk")
        held = tx.execute(select(table(Delivery)).order_by(table(Delivery).c.id)).all()
        found = persons.find(tx, ALIX)
    assert (held[0].contact_id, held[0].address, held[1].contact_id < 0) == (anne, DIRECTION, True)
    assert found
    assert len(found["letters"]) == 1


def test_a_former_address_is_that_of_its_person(store: Store, signer: Signer) -> None:
    moved_away(store, signer)
    with store.write() as tx:
        found = persons.find(tx, DIRECTION)
        assert found
        assert (found["address"], found["former_addresses"]) == (ALIX, [DIRECTION])
        assert persons.erase(tx, DIRECTION, digest=digest, at=NOW, source="desk")
        assert persons.find(tx, ALIX) is None
        assert exclusions.erased(tx) == {DIGEST, digest(DIRECTION)}


def handed_on(store: Store, signer: Signer) -> int:
    """An address that Anne had, and Bob has now; each got one letter there."""
    ledger, anne = moved_away(store, signer)
    with store.write() as tx:
        moves.take(tx, DIRECTION)
    bob = ledger.contact(DIRECTION)
    ledger.deliver(ledger.send(), bob, DIRECTION)
    return anne
