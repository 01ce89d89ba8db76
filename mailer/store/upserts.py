"""INSERT … ON CONFLICT, which both databases spell alike but SQLAlchemy keeps in two dialects."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from mailer.store.engine import Tx

Insert = postgresql.Insert | sqlite.Insert


def insert_into(tx: Tx, into: Table) -> Insert:
    """An insert statement that knows on_conflict_do_nothing and on_conflict_do_update."""
    return postgresql.insert(into) if tx.dialect.name == "postgresql" else sqlite.insert(into)


def insert_new(tx: Tx, into: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless a unique constraint says that it is there already; whether it was new."""
    statement = insert_into(tx, into).values(**values).on_conflict_do_nothing()
    # With RETURNING, which PostgreSQL uses to fetch the new key, the count is lost unless asked for.
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0
