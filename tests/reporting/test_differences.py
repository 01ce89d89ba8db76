"""Before two rates are compared it is known which difference they can show."""

from datetime import timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.i18n import Translator
from mailer.model.measuring import smallest_difference
from mailer.model.series import Discernible
from mailer.reporting import differences, series
from mailer.reporting.wording import discernible
from mailer.store import Store
from tests.reporting.sent import BEGAN
from tests.reporting.test_series import ZONE, add_letter


@pytest.mark.parametrize(
    ("before", "after", "copies"),
    [
        # n of each group without correction for continuity, from the tables of two proportions: 5 %, power 80 %.
        (0.30, 0.40, 356),
        (0.50, 0.60, 388),
        (0.10, 0.20, 199),
    ],
)
def test_the_difference_is_that_of_the_tables(before: float, after: float, copies: int) -> None:
    assert smallest_difference(before, copies) == pytest.approx(after - before, abs=0.001)


@given(rate=st.floats(0, 1), copies=st.integers(20, 100_000))
def test_more_copies_show_smaller_differences(rate: float, copies: int) -> None:
    few, many = smallest_difference(rate, copies), smallest_difference(rate, 4 * copies)
    assert few is not None
    assert many is not None
    assert 0 < many < few <= 1
    # What chance alone moves two groups by is smaller than what can be told from it.
    assert many > 1.95 * sqrt(2 * rate * (1 - rate) / (4 * copies))
    assert few == pytest.approx(smallest_difference(1 - rate, copies), abs=1e-9)


def test_a_handful_shows_nothing() -> None:
    assert smallest_difference(0.5, 3) is None


def _found(store: Store) -> Discernible | None:
    with store.read() as tx:
        letters = series.letters(tx)
    return differences.discernible(letters, at=BEGAN + timedelta(hours=1), zone=ZONE)


def test_a_campaign_is_judged_by_its_letters_measured_alike(store: Store) -> None:
    add_letter(store, 400, copies=99, opened=99)
    add_letter(store, 30, copies=60, opened=6, tracking="anonymous")
    add_letter(store, 20, copies=40, opened=8)
    assert _found(store) is None
    add_letter(store, 10, copies=60, opened=24)
    add_letter(store, 5, copies=20, opened=20, erratum_of="d10")
    found = _found(store)
    assert found is not None
    assert (found.letters, found.copies, found.rate) == (2, 50, pytest.approx(0.3))
    assert found.difference == smallest_difference(found.rate, 50)
    said = discernible(Translator("en"), found)
    assert "the 2 measured" in said
    assert "about 28 points" in said


def test_letters_of_a_handful_are_no_measure(store: Store) -> None:
    for day in (20, 10):
        add_letter(store, day, copies=19, opened=8)
    assert _found(store) is None
