"""The migrations build exactly the model, on both databases, and refuse what they do not know."""

from datetime import date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, MetaData, inspect, text

from mailer.errors import StoreError
from mailer.model.columns import metadata
from mailer.store import Store, Tx
from mailer.store.schema import migrate, revisions
from tests.conftest import NOW

#: A check that would cost a quarter of an import of a million; see the model.
ONLY_ON_SQLITE = {"fk_subscription_contact_id_contact"}


def test_the_migrations_build_exactly_the_model(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(
            tx, opts={"include_object": None if store.is_sqlite else _is_of_both}
        )
        assert compare_metadata(context, metadata) == []
        checks = {each["name"] for each in inspect(tx).get_foreign_keys("subscription")}
    assert checks == (ONLY_ON_SQLITE if store.is_sqlite else set())


def _is_of_both(_thing: object, name: str | None, *_: object) -> bool:
    return name not in ONLY_ON_SQLITE


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
