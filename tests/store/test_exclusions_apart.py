"""Two transactions about one exclusion on PostgreSQL: whoever asks for it beside an undo or an import keeps it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.store import Store, Tx, exclusion_journal, exclusions, imports, moves
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

OLD, NEW = "old@ville.example", "new@ville.example"
KEY = (OLD, EVERYTHING, ExclusionReason.COMPLAINT.value)
LATER = NOW + timedelta(hours=1)
WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
)


@pytest.fixture
def store(postgresql_store: Store) -> Store:
    return postgresql_store


def ask(tx: Tx) -> bool:
    address, scope, reason = KEY
    return exclusions.add(tx, address=address, scope=scope, reason=reason, at=LATER, source="provider")


def imported(tx: Tx) -> int:
    """An import that alone asks for the exclusion."""
    run_id = imports.begin(tx, kind="exclusions", file_name="wrong.csv", at=NOW, by="claude")
    assert ask(tx)
    exclusion_journal.note(tx, run_id, [KEY])
    return run_id


def known(store: Store) -> set[tuple[str, str, str]]:
    with store.read() as tx:
        return exclusions.known(tx)


def beside(
    store: Store, first: Callable[[Tx], object], second: Callable[[Tx], object]
) -> tuple[object, object]:
    """The second begins once the first is done but not committed, and waits for it."""

    def other() -> object:
        with store.write() as tx:
            return second(tx)

    with ThreadPoolExecutor(1) as pool:
        with store.write() as tx:
            answer = first(tx)
            waiting = pool.submit(other)
            while not tx.execute(WAITING).scalar_one():
                assert not waiting.done()
        return answer, waiting.result()


def test_what_is_asked_for_before_an_undo_stays(store: Store) -> None:
    with store.write() as tx:
        run_id = imported(tx)
    asked, removed = beside(store, ask, lambda tx: exclusion_journal.take_back(tx, run_id, at=LATER))
    assert (asked, removed) == (False, 0)
    assert known(store) == {KEY}


def test_what_is_asked_for_after_an_undo_stays(store: Store) -> None:
    with store.write() as tx:
        run_id = imported(tx)
    removed, asked = beside(store, lambda tx: exclusion_journal.take_back(tx, run_id, at=LATER), ask)
    assert (removed, asked) == (1, True)
    assert known(store) == {KEY}


def test_what_is_asked_for_beside_the_import_survives_its_undo(store: Store) -> None:
    run_id, asked = beside(store, imported, ask)
    assert (run_id, asked) == (1, False)
    with store.write() as tx:
        assert exclusion_journal.take_back(tx, 1, at=LATER) == 0
    assert known(store) == {KEY}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_move_beside_an_undo_leaves_nobody_excluded(
    store: Store, signer: Signer, *, is_first: bool
) -> None:
    anne = Ledger(store, signer, NOW).contact(OLD)
    with store.write() as tx:
        run_id = imported(tx)

    def move(tx: Tx) -> None:
        moves.change(tx, anne, old=OLD, new=NEW, at=LATER, by="claude")

    def undo(tx: Tx) -> int:
        return exclusion_journal.take_back(tx, run_id, at=LATER)

    assert 1 in (beside(store, move, undo) if is_first else beside(store, undo, move))
    assert known(store) == set()
