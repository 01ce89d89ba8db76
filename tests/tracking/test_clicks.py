"""Clicks: to the frozen target only, once per person and link, never a scanner's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.errors import TokenError
from mailer.model.columns import table
from mailer.model.events import Click, ClickCount, OpenCount
from mailer.model.people import TrackingConsent
from mailer.store import Store
from mailer.tokens import Purpose
from mailer.tracking import Hits
from tests.tracking.agents import CURL, FIREFOX
from tests.tracking.ledger import LINKS, Ledger


def test_a_click_leads_to_the_frozen_target_and_counts_once(store: Store, ledger: Ledger, hits: Hits) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    for _ in range(2):
        assert hits.click(ledger.link(delivery, 1), user_agent=FIREFOX) == LINKS[1]
        hits.flush()
    assert _clicks(store) == {1: 1}


def test_a_click_of_a_person_implies_that_the_mail_was_read(store: Store, ledger: Ledger, hits: Hits) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    hits.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    hits.flush()
    with store.read() as tx:
        row = tx.execute(select(table(OpenCount))).one()
    assert (row.loaded, row.high, row.low) == (1, 1, 1)


def test_a_scanner_that_follows_three_links_in_ten_seconds_counts_for_none(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    for number in range(3):
        hits.click(ledger.link(delivery, number), user_agent=FIREFOX)
        clock.advance(timedelta(seconds=3))
    hits.flush()
    assert _clicks(store) == {}


def test_somebody_who_reads_between_three_links_counts_for_each(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    for number in range(3):
        hits.click(ledger.link(delivery, number), user_agent=FIREFOX)
        clock.advance(timedelta(seconds=6))
    hits.flush()
    assert _clicks(store) == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize(
    ("address", "seconds", "counted"),
    [
        ("alix@hotmail.fr", 119, {}),
        ("alix@hotmail.fr", 121, {0: 1}),
        ("alix@ville.example", 5, {0: 1}),
    ],
)
def test_a_link_that_microsoft_opens_at_delivery_is_not_a_persons_click(
    store: Store,
    ledger: Ledger,
    hits: Hits,
    clock: FixedClock,
    address: str,
    seconds: int,
    counted: dict[int, int],
) -> None:
    """Safe Links asks as a browser; the pixel of the same copy is counted all the same."""
    send = ledger.send()
    delivery = ledger.deliver(send, ledger.contact(address), address)
    clock.advance(timedelta(seconds=seconds) - timedelta(hours=1))  # it was handed over an hour ago
    hits.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    hits.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
    hits.flush()
    assert _clicks(store) == counted
    with store.read() as tx:
        assert tx.execute(select(table(OpenCount).c.low)).scalar_one() == 1


@pytest.mark.parametrize(("agent", "method"), [(CURL, "GET"), (FIREFOX, "HEAD")])
def test_a_machine_is_led_on_and_not_counted(
    store: Store, ledger: Ledger, hits: Hits, agent: str, method: str
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    assert hits.click(ledger.link(delivery, 0), user_agent=agent, method=method) == LINKS[0]
    hits.flush()
    assert _clicks(store) == {}


def test_whoever_refuses_the_measure_is_led_on_and_not_counted(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact(tracking=TrackingConsent.DENIED))
    assert hits.click(ledger.link(delivery, 0), user_agent=FIREFOX) == LINKS[0]
    hits.flush()
    with store.read() as tx:
        assert tx.execute(select(table(Click))).all() == []


@pytest.mark.parametrize("payload", [b"|0", b"nobody|0", b"KEY|3", b"KEY|-1", b"KEY|", b"KEY", b"KEY|0|1"])
def test_a_link_that_the_issue_does_not_hold_leads_nowhere(
    ledger: Ledger, hits: Hits, payload: bytes
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    token = ledger.signer.sign(Purpose.CLICK, payload.replace(b"KEY", delivery.key.encode()))
    with pytest.raises(TokenError):
        hits.click(token, user_agent=FIREFOX)


def _clicks(store: Store) -> dict[int, int]:
    with store.read() as tx:
        return {row.link: row.clicks for row in tx.execute(select(table(ClickCount)))}
