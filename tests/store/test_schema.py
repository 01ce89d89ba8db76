"""The migrations build exactly the model, on both databases, and refuse what they do not know."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, MetaData, text

from mailer.errors import StoreError
from mailer.model.columns import metadata
from mailer.store import Store, Tx
from mailer.store.schema import migrate, revisions
from tests.conftest import NOW


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of which nothing is made yet."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        store = request.getfixturevalue("postgresql_store")
        with store.write() as tx:
            tx.execute(text("DROP SCHEMA public CASCADE"))
            tx.execute(text("CREATE SCHEMA public"))
    yield store
    store.close()


def test_the_migrations_build_exactly_the_model(store: Store) -> None:
    with store.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_each_migration_keeps_what_every_table_holds(empty: Store) -> None:
    """A row in each table as soon as it is there, and all of them at the end."""
    filled: set[str] = set()
    for revision in revisions():
        migrate(empty, to=revision)
        with empty.write() as tx:
            filled |= _fill(tx, filled)
    with empty.read() as tx:
        held = {name: tx.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in filled}
    assert "contact" in held
    assert set(held.values()) == {1}


def _fill(tx: Tx, filled: set[str]) -> set[str]:
    """One row in each new table, whatever its columns are."""
    found = MetaData()
    found.reflect(tx)
    new = [each for each in found.sorted_tables if each.name not in {*filled, "alembic_version"}]
    for each in new:
        tx.execute(each.insert().values({column.name: _value(column) for column in each.columns}))
    return {each.name for each in new}


def _value(column: Column[Any]) -> object:
    if isinstance(column.type, JSON):
        return {}
    kinds = {bool: False, int: 1, str: "x", float: 1.0, date: NOW.date(), datetime: NOW, bytes: b"x"}
    return kinds[column.type.python_type]


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate(store)
    with store.read() as tx:
        assert MigrationContext.configure(tx).get_current_revision() is not None


def test_a_database_of_a_newer_version_is_refused_untouched(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        migrate(store)
    with store.read() as tx:
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.execute(text("INSERT INTO pacer (provider, tat) VALUES ('x', 1.0)"))
        _ = 1 / 0
    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM pacer")).scalar_one() == 0
