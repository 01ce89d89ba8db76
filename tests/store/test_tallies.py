"""Kept counts of ended sends: void in the transaction that changes a copy, whoever changes it; right or counted anew."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.ledger import Delivery, Outcome, SendState
from mailer.model.tallies import Tally, TallyChange
from mailer.store import Store, Tx, deliveries, fates, tallies
from tests.conftest import NOW
from tests.reporting.sent import Sent

delivery = table(Delivery)
Act = Callable[[Tx, int], object]


@pytest.fixture
def ended(store: Store) -> tuple[Sent, list[int]]:
    """An ended send of a few copies, and a tally that holds."""
    sent = Sent(store)
    ids = sent.add(5)
    sent.add(1, "in_doubt", attempts=1)
    with store.write() as tx:
        assert tallies.keep(tx, sent.send_id, at=NOW)
    return sent, ids


def test_a_kept_tally_says_what_is_counted_and_is_what_a_reader_gets(
    store: Store, ended: tuple[Sent, list[int]]
) -> None:
    sent, _ = ended
    assert _holds(store, sent)
    # What is kept is read: with another number in the tally, the reader is told that number.
    with store.write() as tx:
        counts = [["accepted", None, "", True, 0, 99]]
        tx.execute(table(Tally).update().values(counts=counts))
    with store.read() as tx:
        assert [each.count for each in tallies.counts(tx, [sent.send_id])[sent.send_id]] == [99]


def _outcome(tx: Tx, delivery_id: int) -> None:
    deliveries.set_outcome(tx, delivery_id, Outcome.BOUNCED)


def _settled(tx: Tx, delivery_id: int) -> None:
    assert deliveries.accept_by_event(tx, delivery_id + 5, at=NOW, provider_ref=None)


def _again(tx: Tx, delivery_id: int) -> None:
    send_id = tx.execute(select(delivery.c.send_id).where(delivery.c.id == delivery_id)).scalar_one()
    assert deliveries.release_doubts(tx, send_id) == 1


def _unmeasured(tx: Tx, delivery_id: int) -> None:
    tx.execute(delivery.update().where(delivery.c.id == delivery_id).values(measured=False))


def _regrouped(tx: Tx, delivery_id: int) -> None:
    tx.execute(delivery.update().where(delivery.c.id == delivery_id).values(cohort=1))


def _dropped(tx: Tx, delivery_id: int) -> None:
    tx.execute(delivery.delete().where(delivery.c.id == delivery_id))


@pytest.mark.parametrize("act", [_outcome, _settled, _unmeasured, _regrouped, _dropped, _again])
def test_whatever_changes_a_count_voids_the_tally_at_once(
    store: Store, ended: tuple[Sent, list[int]], act: Act
) -> None:
    sent, ids = ended
    with store.write() as tx:
        act(tx, ids[0])
        assert not _is_held(tx, sent)  # before the commit already
    assert not _holds(store, sent)


def test_what_a_tally_does_not_count_leaves_it_as_it_is(store: Store, ended: tuple[Sent, list[int]]) -> None:
    sent, ids = ended
    with store.write() as tx:
        tx.execute(delivery.update().values(merge={}, request_hash="", lease_until=None))
        tx.execute(delivery.update().where(delivery.c.id == ids[0]).values(state="accepted"))
    assert _holds(store, sent)


def test_an_undone_change_voids_nothing(store: Store, ended: tuple[Sent, list[int]]) -> None:
    sent, ids = ended
    with pytest.raises(RuntimeError), store.write() as tx:
        _outcome(tx, ids[0])
        raise RuntimeError
    assert _holds(store, sent)


def test_a_change_of_one_send_leaves_the_tallies_of_others(
    store: Store, ended: tuple[Sent, list[int]]
) -> None:
    sent, _ = ended
    other = Sent(store, public_id="0a", issue="2026-06-18")
    (copy,) = other.add(1)
    with store.write() as tx:
        tallies.keep(tx, other.send_id, at=NOW)
        _outcome(tx, copy)
    assert _holds(store, sent)
    assert not _holds(store, other)


def test_many_news_leave_one_mark(store: Store, ended: tuple[Sent, list[int]]) -> None:
    _, ids = ended
    for each in ids:
        with store.write() as tx:
            _outcome(tx, each)
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(table(TallyChange))).scalar_one() == 1


def test_ended_sends_are_due_once_and_again_ten_minutes_after_they_were_counted(
    store: Store, clock: FixedClock, ended: tuple[Sent, list[int]]
) -> None:
    sent, ids = ended
    running = Sent(store, public_id="0a", issue="2026-06-18", state=SendState.SETTLING)
    fresh = Sent(store, public_id="0b", issue="2026-06-25", state=SendState.CANCELLED)
    assert running.add(1)
    assert _due(store, clock) == [fresh.send_id]
    with store.write() as tx:
        tallies.keep(tx, fresh.send_id, at=NOW)
        _outcome(tx, ids[0])
    assert _due(store, clock) == []
    clock.advance(timedelta(minutes=10))
    assert _due(store, clock) == [sent.send_id]
    with store.write() as tx:
        tallies.keep(tx, sent.send_id, at=clock.now())
    assert _due(store, clock) == []
    assert _holds(store, sent)


def test_nothing_is_kept_beside_a_change_that_is_not_committed(postgresql_store: Store) -> None:
    """Else the tally would be of before, and no mark would say so."""
    sent = Sent(postgresql_store)
    ids = sent.add(3)
    with postgresql_store.write() as writer:
        _outcome(writer, ids[0])
        with postgresql_store.write() as tx:
            assert not tallies.keep(tx, sent.send_id, at=NOW)
    with postgresql_store.write() as tx:
        assert tallies.keep(tx, sent.send_id, at=NOW)
    assert _holds(postgresql_store, sent)


def test_a_change_beside_a_count_waits_for_it_and_voids_it(postgresql_store: Store) -> None:
    sent = Sent(postgresql_store)
    ids = sent.add(3)
    with postgresql_store.write() as counting:
        assert tallies.keep(counting, sent.send_id, at=NOW)
        with postgresql_store.write() as writer:
            writer.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                _outcome(writer, ids[0])
            writer.rollback()
    with postgresql_store.write() as tx:
        _outcome(tx, ids[0])
    assert not _holds(postgresql_store, sent)


@pytest.mark.parametrize("state", ["planned", "claimed", "posting"])
def test_a_send_with_a_copy_under_way_is_not_kept(store: Store, state: str) -> None:
    sent = Sent(store)
    sent.add(1)
    (copy,) = sent.add(1, state)
    with store.write() as tx:
        assert not tallies.keep(tx, sent.send_id, at=NOW)
        tx.execute(delivery.update().where(delivery.c.id == copy).values(state="accepted"))
    with store.write() as tx:
        assert tallies.keep(tx, sent.send_id, at=NOW)
    assert _holds(store, sent)


def _due(store: Store, clock: FixedClock) -> list[int]:
    with store.read() as tx:
        return tallies.due(tx, at=clock.now(), limit=9)


def _holds(store: Store, sent: Sent) -> bool:
    """Whether a tally is there that holds; then it says what is there."""
    with store.read() as tx:
        kept = tallies.held(tx, [sent.send_id])
        if sent.send_id in kept:
            assert sorted(kept[sent.send_id], key=repr) == sorted(
                fates.count(tx, [sent.send_id])[sent.send_id], key=repr
            )
        return sent.send_id in kept


def _is_held(tx: Tx, sent: Sent) -> bool:
    return sent.send_id in tallies.held(tx, [sent.send_id])
