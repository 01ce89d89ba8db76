"""A database from before its first migration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mailer.store import Store


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
