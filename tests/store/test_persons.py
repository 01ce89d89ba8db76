"""Erasing one person on both databases: nothing names them, the ledger still adds up."""

from sqlalchemy import func, select

from mailer.model.columns import metadata, table
from mailer.model.ledger import Delivery
from mailer.store import Store, exclusions, persons
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"
DIGEST = "hmac:00"


def test_an_erased_person_leaves_a_digest_and_a_count(store: Store, signer: Signer) -> None:
    ledger = Ledger(store, signer, NOW)
    contact = ledger.contact(ALIX)
    ledger.subscribe(contact)
    ledger.deliver(ledger.send(), contact)
    with store.write() as tx:
        assert persons.search(tx, "", limit=5)[0].address == ALIX
        assert persons.find(tx, ALIX)
        assert persons.erase(tx, ALIX, digest=DIGEST, at=NOW, source="desk")
        assert persons.find(tx, ALIX) is None
        assert exclusions.erased(tx) == {DIGEST}
        assert tx.execute(select(func.count()).select_from(table(Delivery))).scalar_one() == 1
        assert ALIX not in str([tx.execute(select(each)).all() for each in metadata.sorted_tables])
        assert not persons.erase(tx, ALIX, digest=DIGEST, at=NOW, source="desk")
