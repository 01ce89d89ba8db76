"""A tick counts the letters that ended, so that their pages need not."""

from datetime import timedelta
from pathlib import Path

from mailer.app import create_mailer
from mailer.clock import FixedClock
from mailer.model.ledger import SendState
from mailer.store import tallies
from tests.conftest import NOW
from tests.reporting.sent import Sent


def test_a_tick_keeps_the_counts_of_ended_letters_but_not_while_one_leaves(workspace: Path) -> None:
    clock = FixedClock(NOW + timedelta(days=1))
    mailer = create_mailer(workspace, clock=clock)
    ended = Sent(mailer.store, issue="2026-06-04")
    ended.add(3)
    running = Sent(mailer.store, issue="2026-06-11", public_id="0a", state=SendState.SENDING)
    mailer.measures.keep()
    assert _held(mailer.store, ended) is False
    with mailer.store.write() as tx:
        tx.exec_driver_sql(f"UPDATE send SET state = 'paused' WHERE id = {running.send_id}")
    mailer.run_due()
    assert _held(mailer.store, ended) is True
    assert _held(mailer.store, running) is False
    mailer.close()


def _held(store, sent: Sent) -> bool:  # type: ignore[no-untyped-def]
    with store.read() as tx:
        return sent.send_id in tallies.held(tx, [sent.send_id])
