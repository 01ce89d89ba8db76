"""Two officers write at the same moment, on two real connections of PostgreSQL: the later one is told so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.imports import AddressMove
from mailer.model.people import Contact
from mailer.store import Store, Tx, contacts, moves, organisation_pages
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


def test_of_two_new_addresses_of_one_person_neither_is_lost(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    session = desk.browser(Role.SENDER)
    with ThreadPoolExecutor(1) as pool, desk.mailer.store.write() as tx:
        anne = contacts.find_id(tx, ANNE)
        assert anne is not None
        moves.change(tx, anne, old=ANNE, new=NEW, at=NOW, by="test")
        answer = pool.submit(desk.post, session, "/personnes/adresse", address=ANNE, new="late@ville.example")
        wait_until_the_other_waits(tx)
        tx.commit()
        page = answer.result()
    assert (page.status_code, NEW in page.text) == (404, True)
    with desk.mailer.store.read() as tx:
        assert (contacts.find_id(tx, NEW), moves.former(tx, anne)) == (anne, [ANNE])


def test_of_two_memberships_of_the_same_days_one_is_refused(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    session, former = desk.browser(Role.SENDER), 3
    first = date(2026, 6, 1)
    with ThreadPoolExecutor(1) as pool, desk.mailer.store.write() as tx:
        organisation_pages.touch(tx, former, at=NOW)
        organisation_pages.add_period(tx, former, from_on=first, until_on=None)
        answer = pool.submit(desk.post, session, f"/organismes/{former}/adhesion", from_on="2026-06-02")
        wait_until_the_other_waits(tx)
        tx.commit()
        page = answer.result()
    assert page.status_code == 422
    with desk.mailer.store.read() as tx:
        assert [each.from_on for each in organisation_pages.periods(tx, former)][:1] == [first]
