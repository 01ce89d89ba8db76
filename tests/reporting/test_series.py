"""Letters side by side say what their reports say, and only what was measured alike is compared."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from mailer.model.ledger import SendState
from mailer.model.report import LetterFigures
from mailer.model.series import Comparison
from mailer.reporting import comparison, series
from mailer.store import Store
from tests.reporting.sent import BEGAN, Sent

ZONE = "Europe/Paris"
_numbers = count(1)


def add_letter(
    store: Store, days_ago: int, *, copies: int = 100, opened: int = 0, bounced: int = 0, **facts: Any
) -> Sent:
    """A letter that left so many days before the last one."""
    issue = facts.pop("issue", f"d{days_ago}")
    public_id, began = f"{next(_numbers):016x}", BEGAN - timedelta(days=days_ago)
    sent = Sent(store, issue=issue, public_id=public_id, began=began, **facts)
    sent.add(copies - bounced, outcome="delivered")
    if bounced:
        sent.add(bounced, outcome="bounced")
    if opened:
        sent.opened(high=opened, low=opened // 2)
    return sent


def found(store: Store, **which: Any) -> tuple[LetterFigures, ...]:
    with store.read() as tx:
        return series.letters(tx, **which)


def compared(sent: Sent) -> Comparison:
    with sent.store.read() as tx:
        return comparison.compare(tx, sent.send_id, zone=ZONE)


def test_a_letter_among_others_has_the_figures_of_its_report(store: Store) -> None:
    first = add_letter(store, 7, copies=26, opened=4, bounced=1, tracking="anonymous")
    second = add_letter(store, 0, copies=30, opened=12, bounced=2)
    second.add(4, "refused", reason="rejected")
    second.add(3, "excluded", reason="unsubscribed")
    second.add(2, "in_doubt")
    second.add(5, measured=False)
    second.add(1, outcome="complained")
    second.clicked(0, 9)
    second.left(*second.add(1))
    assert len(found(store)) == 2
    for sent, letter in zip((first, second), found(store), strict=True):
        assert letter == sent.report.letter


def test_a_send_that_reached_nobody_is_no_letter_that_left(store: Store) -> None:
    sent = Sent(store)
    sent.add(2, "refused")
    assert found(store) == ()


def test_letters_are_found_by_campaign_and_by_when_they_left(store: Store) -> None:
    for days in (400, 20, 0):
        add_letter(store, days, copies=1)
    add_letter(store, 5, copies=1, campaign="newsletter")
    issues = [each.issue for each in found(store, campaign="flash", since=BEGAN - timedelta(days=20))]
    assert issues == ["d20", "d0"]
    assert [each.issue for each in found(store, until=BEGAN)] == ["d400", "d20", "d5"]


def test_a_letter_is_compared_with_twelve_months_of_its_campaign(store: Store) -> None:
    add_letter(store, 366, opened=90)  # a day more than twelve months
    for days, opened in ((365, 30), (60, 50), (30, 40)):
        add_letter(store, days, opened=opened, bounced=10)
    add_letter(store, 10, opened=99, campaign="newsletter")
    add_letter(store, -7, opened=99)
    own = compared(add_letter(store, 0, opened=54, bounced=0))
    assert (own.letters, own.alike) == (3, 3)
    assert own.rate is not None
    assert [round(each, 4) for each in (own.rate.own, own.rate.median, own.rate.least, own.rate.most)] == [
        0.54, 0.4444, 0.3333, 0.5556,
    ]  # fmt: skip
    bounced = own.places["bounced"]
    assert (bounced.own, bounced.median, bounced.least, bounced.most) == (0.0, 0.1, 0.0, 0.1)


def test_opens_of_another_mode_are_not_compared_but_addresses_in_error_are(store: Store) -> None:
    add_letter(store, 30, opened=90, bounced=50, tracking="anonymous")
    own = compared(add_letter(store, 0, opened=50))
    assert (own.letters, own.alike, own.rate) == (1, 0, None)
    assert own.places["bounced"].median == 0.5
    assert own.hours == {}


def test_the_first_letter_has_nothing_beside_it(store: Store) -> None:
    own = compared(add_letter(store, 0, opened=50))
    assert (own.letters, own.alike, dict(own.places)) == (0, 0, {})


@pytest.mark.parametrize("state", [SendState.SENDING, SendState.PAUSED, SendState.CANCELLED])
def test_a_letter_that_has_not_wholly_left_is_no_measure_for_others(store: Store, state: SendState) -> None:
    add_letter(store, 7, opened=50, state=state)
    assert compared(add_letter(store, 0, opened=50)).letters == 0


def test_the_curve_is_compared_hour_by_hour(store: Store) -> None:
    for days, first, third in ((3, 10, 2), (2, 20, 0), (1, 60, 4)):
        sent = add_letter(store, days)
        sent.opened(high=first, hour=0)
        sent.opened(high=third, hour=2)
        sent.opened(high=1, hour=100)  # later than the curve goes
    assert compared(add_letter(store, 0)).hours == {0: 20, 1: 0, 2: 2}


def test_clicks_are_no_share_of_people_and_have_no_place(store: Store) -> None:
    add_letter(store, 7, copies=50, opened=10).clicked(0, 5)
    own = add_letter(store, 0, copies=10, opened=2)
    own.clicked(0, 9)
    own.clicked(1, 9)  # eighteen clicks of ten copies
    assert "clicks" not in compared(own).places


def test_a_year_before_the_29th_of_february_is_the_28th() -> None:
    leap = BEGAN.replace(year=2024, month=2, day=29)
    assert comparison.year_before(leap, ZONE) == BEGAN.replace(year=2023, month=2, day=28)
