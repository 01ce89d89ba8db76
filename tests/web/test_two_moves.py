"""Two people are given one address at the same moment, on two real connections of PostgreSQL: one is told so."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.imports import AddressMove
from mailer.model.people import Contact
from mailer.store import Store, Tx, contacts, moves
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.people import add_people

ANNE, BO, NEW = "anne@martigues.example", "bo@martigues.example", "accueil@martigues.example"
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def workspace(workspace: Path, postgresql_store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILER_DATABASE_URL", postgresql_store.url)
    return workspace


def wait_until_the_other_waits(tx: Tx) -> None:
    while not tx.execute(WAITING).scalar_one():
        pass


def test_the_later_of_two_moves_to_one_address_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    session = desk.browser(Role.SENDER)
    with ThreadPoolExecutor(1) as pool, desk.mailer.store.write() as tx:
        anne = contacts.find_id(tx, ANNE)
        assert anne is not None
        moves.change(tx, anne, old=ANNE, new=NEW, at=NOW, by="test")
        answer = pool.submit(desk.post, session, "/personnes/adresse", address=BO, new=NEW)
        wait_until_the_other_waits(tx)
        tx.commit()
        page = answer.result()
    assert page.status_code == 422
    assert "vient de donner cette adresse à un autre contact" in page.text
    with desk.mailer.store.read() as tx:
        assert contacts.find_id(tx, NEW) == anne
        assert contacts.find_id(tx, BO) is not None
        former = table(AddressMove).c.address
        assert set(tx.execute(select(former)).scalars()) == {ANNE}
        assert len(tx.execute(select(table(Contact).c.id)).all()) == 5
