"""The migrations build exactly the model, on both databases, and refuse what they do not know."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from mailer.errors import StoreError
from mailer.model.columns import metadata
from mailer.store import Store
from mailer.store.schema import migrate


def test_the_migrations_build_exactly_the_model(store: Store) -> None:
    with store.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


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
