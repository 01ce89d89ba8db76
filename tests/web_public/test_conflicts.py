"""PostgreSQL undoes a report in favour of a sender's turn: the provider is told to come again, and coming again is harmless."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.ledger import Delivery, Outcome
from mailer.store import Store, Tx, exclusions
from tests.tracking.ledger import Ledger
from tests.web_public.conftest import Site

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def store(postgresql_store: Store) -> Store:
    return postgresql_store


def wait_until_the_report_waits(tx: Tx) -> None:
    while not tx.execute(WAITING).scalar_one():
        pass


@pytest.mark.parametrize(("kind", "reason"), [("hard_bounce", "hard_bounce"), ("complaint", "complaint")])
def test_a_report_that_a_deadlock_undoes_is_asked_for_again(
    site: Site, ledger: Ledger, store: Store, kind: str, reason: str
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with ThreadPoolExecutor(1) as pool, store.write() as tx:
        # This one is patient, so the report is undone; a sender would be as well, and tries its turn again.
        tx.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        tx.execute(select(table(Delivery).c.id).with_for_update())
        answer = pool.submit(site.hook, [kind, delivery.key])
        wait_until_the_report_waits(tx)
        exclusions.lock_person(tx, delivery.contact_id)
    assert answer.result().status_code == 503
    with store.read() as tx:
        assert tx.execute(select(table(Event).c.id)).all() == []
        assert exclusions.known(tx) == set()
    for _ in range(2):
        assert site.hook([kind, delivery.key]).status_code == 200
    with store.read() as tx:
        assert len(tx.execute(select(table(Event).c.id)).all()) == 1
        assert {found[2] for found in exclusions.known(tx)} == {reason}
    assert ledger.delivery(delivery.key).outcome in {Outcome.BOUNCED, Outcome.COMPLAINED}
