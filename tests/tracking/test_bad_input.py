"""What comes to the pixel that should not: cut, forged, foreign, too early, too late, about nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import Event, OpenCount, Opening
from mailer.model.ledger import DeliveryState
from mailer.model.mail import Kind, ProviderEvent
from mailer.store import Store, persons
from mailer.tokens import Purpose, Signer
from mailer.tracking import Hits, record
from tests.tracking.agents import APPLE_PROXY, FIREFOX
from tests.tracking.ledger import Ledger


def counts(store: Store) -> list[tuple[int, int, int, int]]:
    rows = table(OpenCount)
    with store.read() as tx:
        found = tx.execute(select(rows.c.hour, rows.c.loaded, rows.c.high, rows.c.low))
        return [tuple(row) for row in found]


def openings(store: Store) -> list[Any]:
    with store.read() as tx:
        return list(tx.execute(select(table(Opening))))


@pytest.mark.parametrize("mode", ["consented", "anonymous"])
def test_a_token_cut_at_any_place_writes_nothing(store: Store, ledger: Ledger, hits: Hits, mode: str) -> None:
    send = ledger.send(mode)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    assert not any(hits.open(token[:length], user_agent=FIREFOX) for length in range(len(token)))
    hits.flush()
    assert counts(store) == []
    assert hits.open(token, user_agent=FIREFOX)
    hits.flush()
    assert counts(store) == [(1, 1, 1, 1)]


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.OPEN])
def test_a_token_for_another_purpose_opens_nothing(
    store: Store, ledger: Ledger, hits: Hits, purpose: Purpose
) -> None:
    send = ledger.send()
    key = ledger.deliver(send, ledger.contact()).key.encode()
    assert not hits.open(ledger.signer.sign(purpose, key), user_agent=FIREFOX)
    hits.flush()
    assert counts(store) == []


def test_a_token_of_a_former_key_opens_nothing(store: Store, ledger: Ledger, hits: Hits) -> None:
    """Of another installation, or of this one before its secret was drawn anew."""
    send = ledger.send()
    key = ledger.deliver(send, ledger.contact()).key.encode()
    assert not hits.open(Signer(b"f" * 32).sign(Purpose.OPEN, key), user_agent=FIREFOX)
    hits.flush()
    assert counts(store) == []


@pytest.mark.parametrize(("agent", "counted"), [(FIREFOX, (1, 1, 1, 1)), (APPLE_PROXY, (1, 1, 0, 0))])
def test_a_picture_fetched_before_its_mail_is_accepted_is_judged_as_at_the_delivery(
    store: Store, ledger: Ledger, hits: Hits, agent: str, counted: tuple[int, ...]
) -> None:
    """The provider's answer was slower than the reader, or than the machine before them."""
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact(), state=DeliveryState.POSTING))
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE delivery SET first_attempt_at = NULL")
    hits.open(token, user_agent=agent)
    hits.flush()
    assert counts(store) == [counted]


@pytest.mark.parametrize("mode", ["consented", "anonymous"])
def test_a_clock_that_stands_before_the_departure_counts_in_the_first_hour(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock, mode: str
) -> None:
    send = ledger.send(mode)
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    clock.advance(timedelta(hours=-3))
    hits.open(token, user_agent=FIREFOX)
    clock.advance(timedelta(hours=6))
    hits.open(token, user_agent=FIREFOX)
    hits.flush()
    assert counts(store) == [(0, 1, 1, 1)]


def test_who_was_erased_is_measured_no_more_and_reports_about_them_name_nobody(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    send = ledger.send()
    delivery = ledger.deliver(send, ledger.contact())
    token, link = ledger.pixel(send, delivery), ledger.link(delivery, 0)
    with store.write() as tx:
        assert persons.erase(
            tx, "alix@ville.example", digest=ledger.signer.erased, at=ledger.now, source="desk"
        )
    assert hits.open(token, user_agent=FIREFOX)
    assert hits.click(link, user_agent=FIREFOX)
    hits.flush()
    late = ProviderEvent(
        "postal", Kind.HARD_BOUNCE, ledger.now, dedupe="1", key=delivery.key,
        recipient="alix@ville.example", detail="alix@ville.example: no such user",
    )  # fmt: skip
    with store.write() as tx:
        record(tx, [late], at=ledger.now)
    assert (counts(store), openings(store)) == ([], [])
    with store.read() as tx:
        rows = [dict(row._mapping) for row in tx.execute(select(table(Event)))]
        excluded = tx.exec_driver_sql("SELECT address FROM exclusion").scalars().all()
    assert "alix" not in str(rows)
    assert not any("alix" in address for address in excluded)
