"""Drawings stay inside their frame and show what was counted."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.model.report import HourCount
from mailer.web import charts


def _hours(counts: list[int]) -> list[HourCount]:
    return [HourCount(hour=hour, loaded=count, high=count, low=0) for hour, count in enumerate(counts)]


def _places(line: str) -> list[float]:
    """The x of every point."""
    return [float(part.strip("ML")) for part in line.split()][::2]


def test_nothing_counted_draws_nothing() -> None:
    assert charts.curve([]) is None
    assert charts.curve(_hours([0, 0])) is None


def test_the_peak_is_the_largest_hour() -> None:
    drawn = charts.curve(_hours([1, 9, 3]))
    assert drawn is not None
    assert (drawn.peak.hour, drawn.peak.high) == (1, 9)


def test_the_line_ends_with_the_hour_that_is_running() -> None:
    young, old = charts.curve(_hours([5]), elapsed=0), charts.curve(_hours([5]), elapsed=500)
    assert young is not None
    assert old is not None
    assert _places(young.line) == [charts.LEFT, round(young.hours[1].at, 1)]
    assert len(_places(old.line)) == charts.HOURS


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=200))
def test_the_curve_stays_in_its_frame(counts: list[int]) -> None:
    drawn = charts.curve(_hours(counts))
    if drawn is None:
        assert not any(counts[: charts.HOURS])
        return
    numbers = [float(part.strip("MLZ")) for part in drawn.line.split()]
    assert all(charts.LEFT <= x <= charts.RIGHT for x in numbers[::2])
    assert all(charts.TOP <= y <= charts.BOTTOM for y in numbers[1::2])
    assert charts.TOP <= drawn.peak_y <= charts.BOTTOM


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_band_holds_range_and_interval(low: float, high: float, start: float, end: float) -> None:
    low, high = sorted((low, high))
    start, end = sorted((start, end))
    drawn = charts.band(low, high, (start, end))
    assert 0 <= drawn.start < drawn.end <= 100
    assert all(0 <= x <= 300 for x in (drawn.low, drawn.high, drawn.interval_low, drawn.interval_high))


def test_a_line_needs_three_rates() -> None:
    assert charts.spark([0.3, 0.4]) is None
    assert charts.spark([0.3, 0.4, 0.35]) is not None
