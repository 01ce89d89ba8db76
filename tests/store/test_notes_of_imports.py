"""An import of before 0019 noted each contact that it made: it is undone as one of today is, which keeps a range."""

from datetime import timedelta

import pytest
from sqlalchemy import MetaData, Table, text

from mailer.store import Store, Tx, journal
from mailer.store.schema import migrate
from tests.conftest import NOW
from tests.store.test_schema import _value as any_value

HOUR = timedelta(hours=1)


@pytest.fixture
def earlier(empty: Store) -> Store:
    """One run that made two people (3 and 5, while 4 signed up) and changed and subscribed one who was known."""
    migrate(empty, to="0018")
    with empty.write() as tx:
        _add(tx, "import_run", id=7, kind="contacts", at=NOW)
        for number, created_at in ((1, NOW - HOUR), (3, NOW), (4, NOW + HOUR), (5, NOW)):
            _add(
                tx,
                "contact",
                id=number,
                address=f"{number}@ville.example",
                created_at=created_at,
                updated_at=NOW,
            )
        for number in (3, 5):
            _add(tx, "imported_contact", run_id=7, contact_id=number, is_new=True)
        _add(tx, "imported_contact", run_id=7, contact_id=1, is_new=False, first_name="Anne")
        for number in (1, 3):
            _add(tx, "subscription", id=number, contact_id=number, topic="flash", state="subscribed", at=NOW)
            _add(tx, "imported_subscription", run_id=7, contact_id=number, topic="flash")
    migrate(empty)
    return empty


def _add(tx: Tx, name: str, **values: object) -> None:
    rows = Table(name, MetaData(), autoload_with=tx)
    filled = {each.name: any_value(each) for each in rows.columns if not each.nullable}
    tx.execute(rows.insert().values({**filled, **values}))


def test_only_what_was_known_before_is_still_noted(earlier: Store) -> None:
    with earlier.read() as tx:
        assert _all(tx, "SELECT contact_id FROM imported_contact") == [(1,)]
        assert _all(tx, "SELECT contact_id FROM imported_subscription") == [(1,)]
        assert _all(tx, "SELECT first_contact_id, last_contact_id FROM import_run") == [(3, 5)]


def test_it_is_undone_as_one_of_today(earlier: Store) -> None:
    with earlier.write() as tx:
        assert journal.changed_since(tx, 7, at=NOW) == 0
        journal.take_back(tx, 7, at=NOW + HOUR, source="undo")
    with earlier.read() as tx:
        assert _all(tx, "SELECT id FROM contact ORDER BY id") == [(1,), (4,)]
        assert _all(tx, "SELECT first_name FROM contact WHERE id = 1") == [("Anne",)]
        assert _all(tx, "SELECT contact_id FROM subscription") == []


def _all(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in tx.execute(text(statement))]
