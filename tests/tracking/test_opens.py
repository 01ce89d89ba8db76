"""Opens: consented by person, anonymous by token, counted once per level."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.errors import TokenError
from mailer.model.columns import table
from mailer.model.events import OpenCount, Opening, TokenSeen, Verdict
from mailer.model.people import TrackingConsent
from mailer.store import Store, consents
from mailer.tokens import Purpose
from mailer.tracking import Hits
from tests.tracking.agents import APPLE_PROXY, CURL, FIREFOX, GMAIL
from tests.tracking.ledger import Ledger

LEVELS = ("loaded", "high", "low")


def test_an_open_counts_once_however_often_it_loads(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    for _ in range(3):
        hits.open(token, user_agent=FIREFOX)
        hits.flush()
    assert _counts(store) == {(0, 1): (1, 1, 1)}


def test_each_level_is_counted_in_the_hour_in_which_it_was_first_reached(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock
) -> None:
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact(), cohort=1))
    for agent in (CURL, GMAIL, FIREFOX, GMAIL, CURL):
        hits.open(token, user_agent=agent)
        hits.flush()
        clock.advance(timedelta(hours=1))
    assert _counts(store) == {(1, 1): (1, 0, 0), (1, 2): (0, 1, 0), (1, 3): (0, 0, 1)}


def test_a_consented_open_keeps_the_best_verdict_and_two_days(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock
) -> None:
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    first = clock.now().date()
    hits.open(token, user_agent=FIREFOX)
    clock.advance(timedelta(days=2))
    hits.open(token, user_agent=CURL)
    hits.flush()
    with store.read() as tx:
        row = tx.execute(select(table(Opening))).one()
    assert (row.verdict, row.first_on, row.last_on) == (Verdict.HUMAN, first, first + timedelta(days=2))


@pytest.mark.parametrize("answer", [TrackingConsent.DENIED, TrackingConsent.UNKNOWN])
def test_nothing_is_recorded_without_the_consent_of_today(
    store: Store, ledger: Ledger, hits: Hits, answer: TrackingConsent
) -> None:
    send, contact = ledger.send(), ledger.contact()
    token = ledger.pixel(send, ledger.deliver(send, contact))
    hits.open(token, user_agent=FIREFOX)
    with store.write() as tx:
        consents.record(tx, contact, state=answer, at=ledger.now, source="page", wording="v1")
    hits.flush()
    assert _counts(store) == {}
    assert _all(store, Opening) == []


def test_an_anonymous_open_is_counted_once_per_token(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send("anonymous")
    for number in range(2):
        address = f"p{number}@ville.example"
        delivery = ledger.deliver(send, ledger.contact(address), address)
        for agent in (GMAIL, FIREFOX, FIREFOX):
            hits.open(ledger.pixel(send, delivery), user_agent=agent)
    hits.flush()
    assert _counts(store) == {(0, 1): (2, 2, 2)}
    assert len(_all(store, TokenSeen)) == 2


def test_while_copies_are_still_leaving_a_bare_agent_is_the_delivery_itself(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    send = ledger.send("anonymous")
    delivery = ledger.deliver(send, ledger.contact())
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE send SET handed_over_at = NULL")
    hits.open(ledger.pixel(send, delivery), user_agent=APPLE_PROXY)
    hits.flush()
    assert _counts(store) == {(0, 1): (1, 0, 0)}


def test_a_forged_token_writes_nothing(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert not hits.open(forged, user_agent=FIREFOX)
    assert not hits.open("apercu", user_agent=FIREFOX)
    hits.flush()
    assert _counts(store) == {}


def test_a_click_token_opens_nothing(ledger: Ledger, hits: Hits) -> None:
    send = ledger.send()
    delivery = ledger.deliver(send, ledger.contact())
    assert not hits.open(ledger.link(delivery, 0), user_agent=FIREFOX)
    with pytest.raises(TokenError):
        hits.click(ledger.pixel(send, delivery), user_agent=FIREFOX)


def test_a_token_of_an_unknown_send_or_copy_writes_nothing(store: Store, ledger: Ledger, hits: Hits) -> None:
    hits.open(ledger.signer.sign(Purpose.OPEN, b"\xff" * 21), user_agent=FIREFOX)
    hits.open(ledger.signer.sign(Purpose.OPEN, b"a" * 26), user_agent=FIREFOX)
    hits.flush()
    assert _counts(store) == {}


def test_what_waits_is_written_when_the_hits_stop(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send()
    delivery = ledger.deliver(send, ledger.contact())
    hits.start()
    hits.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
    hits.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    hits.stop()
    assert _counts(store) == {(0, 1): (1, 1, 1)}


def _counts(store: Store) -> dict[tuple[int, int], tuple[int, ...]]:
    return {
        (row.cohort, row.hour): tuple(getattr(row, name) for name in LEVELS) for row in _all(store, OpenCount)
    }


def _all(store: Store, model):  # type: ignore[no-untyped-def]
    with store.read() as tx:
        return list(tx.execute(select(table(model))))
