"""Rates and their intervals, against published figures (rules O13)."""

import pytest

from mailer.reporting import wilson
from mailer.reporting.statistics import rate


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(2560, 7314, 33.9, 36.1), (546, 1214, 42.2, 47.8), (135, 300, 39.5, 50.7)],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found is not None
    assert (round(found.low * 100, 1), round(found.high * 100, 1)) == (low, high)


def test_nothing_measured_has_neither_rate_nor_interval() -> None:
    assert rate(0, 0) is None
    assert wilson(0, 0) is None


def test_the_extremes_stay_between_zero_and_one() -> None:
    none, everybody = wilson(0, 20), wilson(20, 20)
    assert none is not None
    assert everybody is not None
    assert (none.low, everybody.high) == (0.0, 1.0)
