"""Hits are written in groups: however they are grouped, the counts are those of one by one."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.errors import TokenError
from mailer.model.columns import table
from mailer.model.events import OpenCount, Opening
from mailer.model.ledger import Delivery
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits, hits, purge
from tests.conftest import NOW
from tests.tracking.agents import APPLE_PROXY, CURL, FIREFOX, GMAIL
from tests.tracking.ledger import Ledger

_numbers = count(1_000)
_LOADS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([CURL, APPLE_PROXY, GMAIL, FIREFOX]), st.booleans()),
    max_size=12,
)
Load = tuple[int, str, bool]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=_LOADS, mode=st.sampled_from(["consented", "anonymous"]))
def test_any_grouping_counts_the_same(store: Store, signer: Signer, loads: list[Load], mode: str) -> None:
    """Each load: which copy, who loads, and whether the group is written before it."""
    one_by_one = [(copy, agent, True) for copy, agent, _ in loads]
    assert _played(store, signer, mode, loads) == _played(store, signer, mode, one_by_one)


def _played(store: Store, signer: Signer, mode: str, loads: Sequence[Load]) -> list[tuple[int, ...]]:
    clock = FixedClock(NOW)
    ledger, taken = Ledger(store, signer, NOW, _numbers), Hits(store, signer, clock)
    send = ledger.send(mode)
    tokens = []
    for _ in range(3):
        address = f"g{next(_numbers)}@ville.example"
        tokens.append(ledger.pixel(send, ledger.deliver(send, ledger.contact(address), address)))
    for copy, agent, written_before in loads:
        if written_before:
            taken.flush()
        taken.open(tokens[copy], user_agent=agent)
        clock.advance(timedelta(minutes=20))
    taken.flush()
    rows = table(OpenCount)
    with store.read() as tx:
        found = select(rows.c.cohort, rows.c.hour, rows.c.loaded, rows.c.high, rows.c.low)
        return sorted(tuple(row) for row in tx.execute(found.where(rows.c.send_id == send.id)))


def test_a_large_group_is_written_in_small_transactions(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock
) -> None:
    send, taken = ledger.send("anonymous"), Hits(store, signer, clock)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    for _ in range(hits._GROUP_SIZE * 2 + 1):
        taken.open(token, user_agent=FIREFOX)
    taken.flush()
    with store.read() as tx:
        row = tx.execute(select(table(OpenCount))).one()
    assert (row.loaded, row.high, row.low) == (1, 1, 1)


def test_a_full_buffer_says_how_many_were_dropped(ledger: Ledger, signer: Signer, clock: FixedClock) -> None:
    send, taken = ledger.send("anonymous"), Hits(ledger.store, signer, clock)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    for _ in range(hits._MOST_WAITING + 7):
        taken.open(token, user_agent=FIREFOX)
    assert taken.dropped == 7


def test_hits_leave_the_one_writer_of_sqlite_to_a_send_that_runs(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock
) -> None:
    """Nobody waits at the end all the same: `stop` writes what is left at once."""
    send, taken = ledger.send("anonymous"), Hits(store, signer, clock)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    taken.open(token, user_agent=FIREFOX)
    taken.flush()
    assert (taken._rest_seconds > 0) == store.is_sqlite
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE send SET state = 'done'")
    taken.open(token, user_agent=FIREFOX)
    taken.flush()
    assert taken._rest_seconds == 0


def test_a_rest_ends_with_the_server(store: Store, ledger: Ledger, signer: Signer, clock: FixedClock) -> None:
    send, taken = ledger.send("anonymous"), Hits(store, signer, clock)
    delivery = ledger.deliver(send, ledger.contact())
    taken.start()
    for _ in range(hits._GROUP_SIZE * 4):
        taken.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
    taken.stop()
    with store.read() as tx:
        assert tx.execute(select(table(OpenCount))).one().low == 1
    assert (taken.dropped, len(taken._waiting)) == (0, 0)


def test_while_the_database_refuses_nothing_is_lost(
    sqlite_store: Store, signer: Signer, clock: FixedClock
) -> None:
    ledger, taken = Ledger(sqlite_store, signer, NOW), Hits(sqlite_store, signer, clock)
    send = ledger.send()
    taken.open(ledger.pixel(send, ledger.deliver(send, ledger.contact())), user_agent=FIREFOX)
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE open_count RENAME TO elsewhere")
    taken.flush()
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO open_count")
        assert tx.execute(select(table(Opening))).all() == []
    taken.flush()
    with sqlite_store.read() as tx:
        assert tx.execute(select(table(OpenCount))).one().low == 1
    assert taken.dropped == 0


@pytest.mark.parametrize(("mode", "days"), [("consented", 400), ("anonymous", 31)])
def test_what_was_forgotten_is_not_counted_again(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock, mode: str, days: int
) -> None:
    send, taken = ledger.send(mode), Hits(store, signer, clock)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    for _ in range(2):
        taken.open(token, user_agent=FIREFOX)
        taken.flush()
        clock.advance(timedelta(days=days))
        with store.write() as tx:
            purge(tx, at=clock.now())
    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT sum(low) FROM open_count").scalar_one() == 1


def beside_a_scanned_one(ledger: Ledger, taken: Hits) -> Delivery:
    """A second copy of a letter, after a scanner has followed the links of the first."""
    send = ledger.send()
    scanned, other = (
        ledger.deliver(send, ledger.contact(address), address)
        for address in ("a@ville.example", "b@ville.example")
    )
    for number in range(3):
        taken.click(ledger.link(scanned, number), user_agent=FIREFOX)
    return other


def test_a_scanners_click_stays_one_however_long_the_database_refuses(
    sqlite_store: Store, signer: Signer, clock: FixedClock
) -> None:
    """Its other steps are forgotten by then."""
    ledger, taken = Ledger(sqlite_store, signer, NOW), Hits(sqlite_store, signer, clock)
    other = beside_a_scanned_one(ledger, taken)
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE contact RENAME TO elsewhere")
    taken.flush()
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO contact")
    clock.advance(timedelta(minutes=5))
    taken.click(ledger.link(other, 0), user_agent=FIREFOX)
    taken.flush()
    with sqlite_store.read() as tx:
        assert tx.execute(select(table(OpenCount))).one().low == 1


def test_a_scanner_is_known_by_steps_of_long_ago_where_its_click_was_not_judged_before(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock
) -> None:
    """The clock may be put right, or the writing take minutes: nothing is forgotten before it was asked for."""
    taken = Hits(store, signer, clock)
    other = beside_a_scanned_one(ledger, taken)
    clock.advance(timedelta(hours=3))
    taken.click(ledger.link(other, 0), user_agent=FIREFOX)
    taken.flush()
    with store.read() as tx:
        assert tx.execute(select(table(OpenCount))).one().low == 1


def test_the_page_of_unsubscribing_is_one_of_the_links_that_scanners_follow(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock
) -> None:
    delivery, taken = ledger.deliver(ledger.send(), ledger.contact()), Hits(store, signer, clock)
    taken.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    taken.click(ledger.link(delivery, 1), user_agent=FIREFOX)
    taken.way_out(delivery.key)
    taken.flush()
    with store.read() as tx:
        assert tx.execute(select(table(OpenCount))).all() == []


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "mailto:a@b.example"]
)
def test_only_web_pages_are_led_to(ledger: Ledger, signer: Signer, clock: FixedClock, target: str) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with ledger.store.write() as tx:
        tx.exec_driver_sql("UPDATE snapshot SET links = '[\"" + target + "\"]'")
    with pytest.raises(TokenError):
        Hits(ledger.store, signer, clock).click(ledger.link(delivery, 0), user_agent=FIREFOX)
