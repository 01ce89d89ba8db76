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


def test_letters_at_an_address_that_another_has_today_are_nobodys(store: Store, signer: Signer) -> None:
    ledger = Ledger(store, signer, NOW)
    anne = ledger.contact(DIRECTION)
    ledger.deliver(ledger.send(), anne, DIRECTION)
    with store.write() as tx:
        moves.change(tx, anne, old=DIRECTION, new=ALIX, at=NOW, by="x")
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
