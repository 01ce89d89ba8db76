"""Geometry of the drawings that the server makes: numbers for SVG attributes, never a style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from mailer.model.report import HourCount

WIDTH, HEIGHT = 1080, 250
#: Above the highest point there is room for its words.
LEFT, RIGHT, TOP, BOTTOM = 44, 1072, 24, 222
#: The curve shows three days; later openings are in the table.
HOURS = 72
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Openings per hour since the departure: line and area as SVG paths, ticks of both axes, the peak."""

    line: str
    area: str
    ticks: tuple[Tick, ...]
    hours: tuple[Tick, ...]
    peak: HourCount
    peak_x: float
    peak_y: float
    #: The medians of the letters before; empty without them.
    reference: str = ""

    @property
    def label_is_left(self) -> bool:
        return self.peak_x > WIDTH / 2


@dataclass(frozen=True, slots=True)
class Spark:
    points: str
    middle: float


@dataclass(frozen=True, slots=True)
class Band:
    """Places from 0 to 300 on a scale from `start` to `end`, in per cent."""

    start: int
    end: int
    low: float
    high: float
    interval_low: float
    interval_high: float
    median: float | None = None


def curve(
    hours: Sequence[HourCount], *, elapsed: int = 0, medians: Mapping[int, float] | None = None
) -> Curve | None:
    """The curve of the broad count, and the medians it is compared with; None where nothing was counted.

    `elapsed` is the hour since the departure that is running: the line ends there, since hours to come are not empty.
    """
    counts = {each.hour: each.high for each in hours if 0 <= each.hour < HOURS}
    if not any(counts.values()):
        return None
    latest = min(max(elapsed, *counts), HOURS - 1)
    last = max(6, latest)
    others = {hour: count for hour, count in (medians or {}).items() if 0 <= hour <= last}
    top, step = scale(ceil(max(*counts.values(), *others.values(), 0)))
    points = [(_x(hour, last), _y(counts.get(hour, 0), top)) for hour in range(latest + 1)]
    if latest == 0:  # one hour alone is no curve: it is drawn as wide as it lasts
        points.append((_x(1, last), points[0][1]))
    line = _path(points)
    peak = max(hours, key=lambda each: (each.high, -each.hour))
    return Curve(
        line=line,
        area=f"{line} L{points[-1][0]:.1f} {BOTTOM} L{LEFT} {BOTTOM}Z",
        ticks=tuple(Tick(_y(value, top), value) for value in range(0, top + 1, step)),
        hours=tuple(Tick(_x(hour, last), hour) for hour in range(0, last + 1, _hour_step(last))),
        peak=peak,
        peak_x=_x(peak.hour, last),
        peak_y=_y(peak.high, top),
        reference=_path([(_x(hour, last), _y(others[hour], top)) for hour in sorted(others)]),
    )


def spark(rates: Sequence[float]) -> Spark | None:
    """A line of 220 by 44 with its median; None for fewer than three rates."""
    if len(rates) < 3:
        return None
    low, high = min(rates), max(rates)
    span = max(high - low, 0.02)
    step = 212 / (len(rates) - 1)
    ys = [36 - 28 * (rate - low) / span for rate in rates]
    points = " ".join(f"{2 + step * index:.1f},{y:.1f}" for index, y in enumerate(ys))
    ordered = sorted(ys)
    return Spark(points, round(ordered[len(ordered) // 2], 1))


def band(low: float, high: float, interval: tuple[float, float], *, median: float | None = None) -> Band:
    """The range of the counting, the interval of chance and the median before, on a scale that holds them with some air."""
    rates = [low, high, *interval, *([median] if median is not None else [])]
    start = max(0, int(min(rates) * 100 / 5 - 1) * 5)
    end = min(100, ceil(max(rates) * 100 / 5 + 1) * 5)
    places = [round(300 * (100 * rate - start) / (end - start), 1) for rate in rates]
    return Band(start, end, *places)


def _x(hour: int, last: int) -> float:
    return LEFT + (RIGHT - LEFT) * hour / last


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Nothing for less than two points: one alone is no line."""
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points) if len(points) > 1 else ""


def _y(count: float, top: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * count / top


def scale(largest: int) -> tuple[int, int]:
    """The top of the axis and its step: three to five round steps."""
    power = 1
    while True:
        for factor in STEPS:
            step = factor * power
            if largest <= step * 5:
                return step * ceil(largest / step), step
        power *= 10


def _hour_step(last: int) -> int:
    return next(step for step in (1, 2, 4, 6, 12) if last / step <= 8 or step == 12)
