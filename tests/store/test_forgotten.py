"""PostgreSQL: a transaction that fell silent is ended, so that nobody waits for whoever is suspended in it."""

import pytest

from mailer.errors import StoreConflict
from mailer.model.columns import table
from mailer.model.people import Organisation
from mailer.store import Store, Tx

organisation = table(Organisation)


def _held(tx: Tx) -> None:
    """Two statements in one, behind which the driver sends what turns the server's own timer off."""
    tx.execute(organisation.update().where(organisation.c.id == -1), [{"name": "a"}, {"name": "b"}])


def test_whoever_fell_silent_behind_many_statements_is_ended_and_told(postgresql_store: Store) -> None:
    with pytest.raises(StoreConflict), postgresql_store.write() as tx:
        _held(tx)
        assert postgresql_store.end_forgotten(seconds=0) == 1
        _held(tx)


def test_who_said_something_lately_is_left_alone(postgresql_store: Store) -> None:
    with postgresql_store.write() as tx:
        _held(tx)
        assert postgresql_store.end_forgotten() == 0
        _held(tx)


def test_who_may_take_long_is_left_alone(postgresql_store: Store) -> None:
    with postgresql_store.write(unhurried=True) as tx:
        _held(tx)
        assert postgresql_store.end_forgotten(seconds=0) == 0
        _held(tx)
    # And is in a hurry again afterwards.
    with pytest.raises(StoreConflict), postgresql_store.write() as tx:
        _held(tx)
        assert postgresql_store.end_forgotten(seconds=0) == 1
        _held(tx)


def test_sqlite_knows_no_such_transaction(sqlite_store: Store) -> None:
    assert sqlite_store.end_forgotten(seconds=0) == 0
