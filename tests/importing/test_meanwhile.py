"""On PostgreSQL others write while an import does: what they said in between stands, and is not logged as the import's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mailer.model.columns import table
from mailer.model.people import (
    Contact,
    ImportedContact,
    ImportedSubscription,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store import Store, Tx
from tests.conftest import NOW
from tests.importing.test_contacts import contacts, stored

ADDRESS = "a@ville.example"


def before(store: Store, statement: str, act: Callable[[Tx], None]) -> None:
    """Let somebody else act, once, in the moment before such a statement."""
    waiting = [act]

    @event.listens_for(store.engine, "before_cursor_execute")
    def _act(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if waiting and text.startswith(statement):
            now = waiting.pop()
            with store.write() as tx:
                now(tx)


def arrive(tx: Tx) -> None:
    values = {
        "id": 70,
        "address": ADDRESS,
        "attributes": {},
        "created_at": NOW.replace(year=2025),
        "updated_at": NOW,
    }
    tx.execute(table(Contact).insert().values(**values))
    leave(tx)


def leave(tx: Tx) -> None:
    (contact_id,) = tx.execute(table(Contact).select().with_only_columns(table(Contact).c.id)).one()
    values = {"contact_id": contact_id, "topic": "newsletter", "at": NOW.replace(year=2025)}
    tx.execute(table(Subscription).insert().values(**values, state=SubscriptionState.UNSUBSCRIBED.value))


@pytest.mark.parametrize("is_known", [False, True])
def test_who_unsubscribed_meanwhile_stays_unsubscribed(
    postgresql_store: Store, tmp_path: Path, is_known: bool
) -> None:
    store = postgresql_store
    if is_known:
        contacts(store, tmp_path, f"{ADDRESS};;;;non;;;;")
        before(store, "INSERT INTO subscription (", leave)
    else:
        before(store, "INSERT INTO contact (address", arrive)
    contacts(store, tmp_path, f"{ADDRESS};;;;oui;;;;")
    assert [row["state"] for row in stored(store, Subscription)] == ["unsubscribed"]
    assert stored(store, SubscriptionChange) == []
    with store.read() as tx:
        assert tx.execute(table(ImportedSubscription).select()).all() == []
        assert len(tx.execute(table(ImportedContact).select()).all()) == is_known
