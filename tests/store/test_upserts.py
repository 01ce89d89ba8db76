"""Rows in bulk go through the driver itself: its errors are the store's own, and quote nobody."""

import traceback
from collections.abc import Iterator

import pytest

from mailer.errors import StoreConflict, StoreError
from mailer.model.columns import table
from mailer.model.people import Exclusion
from mailer.store import Store
from mailer.store.upserts import insert_tuples

NAMES = ("address", "scope", "reason", "at", "source")
ALIX, DAY = "alix@ville.example", "2026-01-01 00:00:00"
Line = tuple[str | None, ...]


def line(address: str, *, scope: str | None = "*", at: str = DAY) -> Line:
    return (address, scope, "by_hand", at, "test")


def insert(store: Store, rows: Iterator[Line]) -> None:
    with store.write() as tx:
        insert_tuples(tx, table(Exclusion), rows, names=NAMES)


def count(store: Store) -> int:
    with store.read() as tx:
        return int(tx.exec_driver_sql("SELECT count(*) FROM exclusion").scalar_one())


def test_a_row_that_is_refused_is_an_error_of_the_store_that_quotes_nobody(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        insert(store, iter([line("bo@ville.example"), line(ALIX, scope=None)]))
    assert "scope" in str(caught.value)
    assert "alix" not in "".join(traceback.format_exception(caught.value))
    assert count(store) == 0


def test_a_value_that_cannot_be_read_is_quoted_nowhere(postgresql_store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        insert(postgresql_store, iter([line(ALIX, at=f"born of {ALIX}")]))
    assert "alix" not in "".join(traceback.format_exception(caught.value))
    assert count(postgresql_store) == 0


def test_a_full_disk_is_said_so_and_nothing_was_half_done(sqlite_store: Store) -> None:
    with pytest.raises(StoreError, match="disk of the database is full"), sqlite_store.write() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
        rows = (line(f"p{number}@ville.example") for number in range(10_000))
        insert_tuples(tx, table(Exclusion), rows, names=NAMES)
    assert count(sqlite_store) == 0


def test_a_connection_that_is_cut_may_be_tried_again(postgresql_store: Store) -> None:
    def cut(tx_number: int) -> Iterator[Line]:
        yield line("bo@ville.example")
        with postgresql_store.read() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({tx_number})")
        yield from (line(f"p{number}@ville.example") for number in range(100_000))

    with pytest.raises(StoreConflict), postgresql_store.write() as tx:
        backend = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        insert_tuples(tx, table(Exclusion), cut(backend), names=NAMES)
    assert count(postgresql_store) == 0
    insert(postgresql_store, iter([line(ALIX)]))
    assert count(postgresql_store) == 1


def test_a_mistake_of_the_rows_themselves_is_passed_on_as_it_is(store: Store) -> None:
    def broken() -> Iterator[Line]:
        yield line(ALIX)
        raise LookupError("no such line")

    with pytest.raises(LookupError, match="no such line"):
        insert(store, broken())
    assert count(store) == 0
