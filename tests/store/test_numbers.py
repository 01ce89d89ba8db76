"""A number that others know is given once: who is deleted never comes back as somebody else."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from mailer.store import Store, Tx
from mailer.store.schema import migrate
from tests.store.test_schema import _value as any_value

TABLES = (
    "contact",
    "desk_user",
    "import_run",
    "membership",
    "organisation",
    "webhook_endpoint",
    "webhook_notice",
)
_TRIGGER = "CREATE TRIGGER witness AFTER DELETE ON contact BEGIN SELECT 1; END"


@pytest.fixture
def earlier(tmp_path: Path) -> Store:
    """A database of before, with two people in one organisation, and a third who is gone but stands in the ledger."""
    store = Store(f"sqlite:///{tmp_path / 'earlier.db'}")
    migrate(store, to="0016")
    with store.write() as tx:
        for name in ("organisation", "membership", "contact", "subscription", "snapshot", "send", "delivery"):
            _add(tx, name, id=1)
        _add(tx, "contact", id=2, address="zoé@ville.example")
        tx.execute(text("UPDATE delivery SET contact_id = 7314"))
        tx.execute(text(_TRIGGER))
    return store


def _table(tx: Tx, name: str) -> Table:
    """As the database has it."""
    return Table(name, MetaData(), autoload_with=tx)


def _add(tx: Tx, name: str, **values: object) -> None:
    rows = _table(tx, name)
    filled = {each.name: any_value(each) for each in rows.columns if not each.nullable}
    tx.execute(rows.insert().values({**filled, **values}))


@pytest.mark.parametrize("name", TABLES)
def test_the_number_of_a_deleted_row_is_never_given_again(store: Store, name: str) -> None:
    with store.write() as tx:
        rows = _table(tx, name)
        for other in sorted({each.column.table.name for each in rows.foreign_keys} - {name}):
            if _is_needed(
                next(iter(key.parent for key in rows.foreign_keys if key.column.table.name == other))
            ):
                _number(tx, _table(tx, other))
        first = _number(tx, rows)
        tx.execute(rows.delete().where(rows.c.id == first))
        assert _number(tx, rows) > first


def _number(tx: Tx, rows: Table) -> int:
    """The number of a new row."""
    values: dict[str, Any] = {each.name: _filled(tx, each) for each in rows.columns if _is_needed(each)}
    made = tx.execute(rows.insert().values(values).returning(rows.c.id))
    return int(made.scalar_one())


def _is_needed(column: Column[Any]) -> bool:
    return not column.nullable and column.name != "id"


def _filled(tx: Tx, column: Column[Any]) -> object:
    if column.foreign_keys:
        other = next(iter(column.foreign_keys)).column
        return tx.execute(select(func.max(other))).scalar_one()
    return any_value(column)


def _made(tx: Tx) -> set[tuple[str, ...]]:
    found = text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type != 'table' AND sql NOT NULL")
    return {tuple(row) for row in tx.execute(found)}


def _keys(tx: Tx) -> dict[str, list[tuple[object, ...]]]:
    found = {name: tx.execute(text(f"PRAGMA foreign_key_list({name})")) for name in _names(tx)}
    return {name: [tuple(row) for row in rows] for name, rows in found.items()}


def _names(tx: Tx) -> list[str]:
    return [each for each in inspect(tx).get_table_names() if each != "alembic_version"]


def _rows(tx: Tx) -> dict[str, list[tuple[object, ...]]]:
    return {name: [tuple(row) for row in tx.execute(text(f"SELECT * FROM {name}"))] for name in _names(tx)}


def test_the_migration_keeps_rows_indexes_triggers_and_references(earlier: Store) -> None:
    with earlier.read() as tx:
        before = (_made(tx), _keys(tx), _rows(tx))
    migrate(earlier, to="0017")
    with earlier.read() as tx:
        assert (_made(tx), _keys(tx), _rows(tx)) == before
        assert len(before[2]["contact"]) == 2
        assert ("trigger", "witness", "contact", _TRIGGER) in before[0]
        assert not tx.execute(text("PRAGMA foreign_key_check")).all()


def test_references_are_still_held_after_the_migration(earlier: Store) -> None:
    migrate(earlier)
    with pytest.raises(IntegrityError), earlier.write() as tx:
        tx.execute(text("DELETE FROM contact WHERE id = 1"))


def test_a_number_that_only_the_ledger_remembers_is_not_given_again(earlier: Store) -> None:
    migrate(earlier)
    with earlier.write() as tx:
        rows = _table(tx, "contact")
        tx.execute(rows.delete().where(rows.c.id == 2))
        assert _number_of(tx, "neuf@ville.example") == 7315


def _number_of(tx: Tx, address: str) -> int:
    rows = _table(tx, "contact")
    values = {each.name: any_value(each) for each in rows.columns if _is_needed(each)} | {"address": address}
    return int(tx.execute(rows.insert().values(values).returning(rows.c.id)).scalar_one())
