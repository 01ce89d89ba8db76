"""Drawings of letters side by side stay in their frame, and break where the measure changes."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mailer.model.report import LetterFigures
from mailer.reporting import wilson
from mailer.web import drawings
from tests.conftest import NOW


def letter(day: int, rate: float | None, mode: str = "consented") -> LetterFigures:
    measured = 100 if rate is not None else 0
    counts: dict[str, Any] = dict.fromkeys(
        [
            "planned",
            "accepted",
            "refused",
            "excluded",
            "in_doubt",
            "delivered",
            "bounced",
            "complained",
            "unsubscribed",
            "opens_low",
            "loaded",
            "clicks",
        ],
        0,
    )
    return LetterFigures(
        send_id=day, campaign="flash", issue=f"d{day}", erratum_of="", number=day, title="", subject="", state="done",
        started_at=NOW + timedelta(days=day), tracking=mode, measured=measured, opens_high=round(100 * (rate or 0)),
        rate_low=rate, rate_high=rate, interval=wilson(round(100 * (rate or 0)), measured), **counts,
    )  # fmt: skip


def test_one_rate_is_no_trend() -> None:
    assert drawings.trend([letter(0, 0.3), letter(7, None)]) is None


def test_one_way_of_measuring_is_one_line() -> None:
    found = drawings.trend([letter(day, 0.3) for day in range(4)])
    assert found is not None
    assert (len(found.runs), found.breaks) == (1, ())


def test_the_line_breaks_where_the_mode_changes() -> None:
    found = drawings.trend(
        [letter(0, 0.3), letter(1, 0.4), letter(2, 0.2, "anonymous"), letter(3, 0.3, "anonymous")]
    )
    assert found is not None
    assert [(run.tracking, len(run.dots)) for run in found.runs] == [("consented", 2), ("anonymous", 2)]
    [(x, mode)] = found.breaks
    assert mode == "anonymous"
    assert found.runs[0].dots[-1].x < x < found.runs[1].dots[0].x


def test_a_letter_that_was_not_measured_is_a_gap() -> None:
    found = drawings.trend([letter(0, 0.3), letter(1, None, "none"), letter(2, 0.3)])
    assert found is not None
    assert len(found.runs) == 2


def test_a_month_without_a_rate_is_a_gap_and_no_zero() -> None:
    found = drawings.months([0.3, 0.4, None, 0.2, *[None] * 8], [None] * 12)
    assert found is not None
    assert (len(found.line), found.before, len(found.dots)) == (1, (), 3)
    assert drawings.months([None] * 12, [0.3] * 12) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
def test_every_point_stays_in_its_frame(rates: list[float]) -> None:
    found = drawings.trend([letter(day, rate) for day, rate in enumerate(rates)])
    assert found is not None
    dots = [dot for run in found.runs for dot in run.dots]
    assert len(dots) == len(rates)
    assert all(drawings.LEFT <= dot.x <= drawings.RIGHT for dot in dots)
    assert all(drawings.TOP <= dot.y <= drawings.BOTTOM for dot in dots)
    bars = drawings.columns([(rate, 0) for rate in rates]).bars
    assert all(drawings.HALF_TOP <= bar.y <= drawings.HALF_BOTTOM for bar in bars)


@given(st.lists(st.lists(st.integers(0, 200), min_size=12, max_size=12), min_size=1, max_size=3))
def test_stacks_are_as_high_as_their_counts(counts: list[list[int]]) -> None:
    found = drawings.stacks(counts)
    assert len(found.bars) == sum(1 for series in counts for count in series if count)
    assert all(bar.y >= drawings.HALF_TOP - 0.1 for bar in found.bars)
