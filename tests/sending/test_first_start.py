"""The very first start of an installation, by two senders at the same moment on PostgreSQL."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from mailer.store import Store, installation
from tests.conftest import NOW


def test_who_comes_second_does_not_take_the_database_for_a_copy(
    postgresql_store: Store, tmp_path: Path
) -> None:
    """The other one commits its row and confirms its file after our look at the row, before that at the file."""
    store, others = postgresql_store, Store(postgresql_store.url)
    began: list[str] = []

    @event.listens_for(store.engine, "after_cursor_execute")
    def _first_start_elsewhere(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if not began and text.startswith("SELECT installation.installation_id"):
            began.append(text)
            with others.write() as tx:
                assert installation.is_ours(tx, tmp_path, at=NOW)
            installation.confirm(others, tmp_path)

    with store.write() as tx:
        assert installation.is_ours(tx, tmp_path, at=NOW)
    assert began
    others.close()
