"""Geometry of letters side by side: a campaign's trend, a year's months, its letters, its mailings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from mailer.model.report import LetterFigures
from mailer.web.charts import Tick, scale

WIDE, LEFT, RIGHT, TOP, BOTTOM = 1080, 48, 1072, 18, 222
#: The half-wide drawings of the year.
HALF, HALF_LEFT, HALF_RIGHT, HALF_TOP, HALF_BOTTOM = 510, 44, 506, 18, 170
MONTHS = 12
#: An axis spans ten points at least: one point is no mountain.
LEAST_SPAN = 0.1
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Dot:
    """One letter or month: where it stands, and its rate."""

    x: float
    y: float
    rate: float


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours that were measured in the same way: one line, its interval, its dots."""

    tracking: str
    line: str
    band: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Runs with a visible break between them; `breaks` has the place of each and the mode that begins there."""

    runs: tuple[Run, ...]
    breaks: tuple[tuple[float, str], ...]
    ticks: tuple[Tick, ...]
    #: Place and index of the letters that are named below.
    named: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Months:
    """A line per year over twelve months; months without a rate are gaps."""

    line: tuple[str, ...]
    before: tuple[str, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    places: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    #: Which of the series or modes it belongs to, from 0 on.
    series: int


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    #: The middle of each column.
    places: tuple[float, ...]


def trend(letters: Sequence[LetterFigures]) -> Trend | None:
    """By when they left, the earliest first; None for fewer than two rates."""
    rated = [
        (index, each) for index, each in enumerate(letters) if each.rate_high is not None and each.interval
    ]
    if len(rated) < 2:
        return None
    first, last = letters[0].started_at, letters[-1].started_at
    length = (last - first).total_seconds() or 1.0
    xs = [LEFT + (RIGHT - LEFT) * (each.started_at - first).total_seconds() / length for each in letters]
    bounds = [
        bound for _, each in rated if each.interval for bound in (each.interval.low, each.interval.high)
    ]
    axis = _Axis(bounds, TOP, BOTTOM)
    groups = _groups(rated)
    return Trend(
        runs=tuple(_run(group, xs, axis) for group in groups),
        breaks=tuple(
            (round((xs[one[-1][0]] + xs[two[0][0]]) / 2, 1), two[0][1].tracking)
            for one, two in pairwise(groups)
        ),
        ticks=axis.ticks,
        named=tuple((round(xs[index], 1), index) for index in spread(len(letters), 7)),
    )


def months(rates: Sequence[float | None], before: Sequence[float | None]) -> Months | None:
    """Twelve rates of the year and twelve of the year before; None where the year has none."""
    known = [each for each in (*rates, *before) if each is not None]
    if not any(each is not None for each in rates):
        return None
    axis = _Axis(known, TOP, BOTTOM)
    places = [LEFT + 20 + (RIGHT - LEFT - 44) * month / (MONTHS - 1) for month in range(MONTHS)]
    dots = [
        Dot(round(x, 1), axis.y(rate), rate)
        for x, rate in zip(places, rates, strict=True)
        if rate is not None
    ]
    return Months(
        line=_lines(places, rates, axis),
        before=_lines(places, before, axis),
        dots=tuple(dots),
        ticks=axis.ticks,
        places=tuple(round(place, 1) for place in places),
    )


def columns(rates: Sequence[tuple[float, int]]) -> Bars:
    """One column per letter, from nought on: a rate and its series."""
    axis = _Axis([0.0, *(rate for rate, _ in rates)], HALF_TOP, HALF_BOTTOM)
    width, places = _places(len(rates))
    bars = [
        Bar(round(x - width / 2, 1), axis.y(rate), width, round(HALF_BOTTOM - axis.y(rate), 1), series)
        for x, (rate, series) in zip(places, rates, strict=True)
    ]
    return Bars(tuple(bars), axis.ticks, tuple(places))


def stacks(counts: Sequence[Sequence[int]]) -> Bars:
    """One column per month with a piece per series: `counts[series][month]`."""
    sums = [sum(series[month] for series in counts) for month in range(MONTHS)]
    top, step = scale(max(*sums, 1))
    width, places = _places(MONTHS)
    bars = []
    for month, x in enumerate(places):
        base = 0
        for number, series in enumerate(counts):
            if series[month]:
                low, high = _half_y(base, top), _half_y(base + series[month], top)
                bars.append(Bar(round(x - width / 2, 1), high, width, round(low - high, 1), number))
                base += series[month]
    ticks = tuple(Tick(_half_y(value, top), value) for value in range(0, top + 1, step))
    return Bars(tuple(bars), ticks, tuple(places))


def spread(count: int, most: int = 5) -> list[int]:
    """At most so many indices, the first and the last among them, evenly spread: what is named below a drawing."""
    if count <= most:
        return list(range(count))
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]


class _Axis:
    """Rates from bottom to top, between round percentages that hold them all."""

    def __init__(self, rates: Sequence[float], top: int, bottom: int) -> None:
        air = max(0.0, LEAST_SPAN - (max(rates) - min(rates))) / 2
        least, most = max(0.0, min(rates) - air), min(1.0, max(rates) + air)
        self._step = next((each for each in _STEPS if (most - least) / each <= 5), _STEPS[-1])
        self._low = floor(least / self._step + 1e-9)
        self._high = max(ceil(most / self._step - 1e-9), self._low + 1)
        self._top, self._bottom = top, bottom

    def y(self, rate: float) -> float:
        share = (rate / self._step - self._low) / (self._high - self._low)
        return round(self._bottom - (self._bottom - self._top) * share, 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Values in per cent."""
        return tuple(
            Tick(self.y(number * self._step), round(100 * number * self._step))
            for number in range(self._low, self._high + 1)
        )


_Rated = tuple[int, LetterFigures]


def _groups(rated: Sequence[_Rated]) -> list[list[_Rated]]:
    """Runs of one mode; a letter without a rate in between ends a run too."""
    groups: list[list[_Rated]] = []
    for index, each in rated:
        former = groups[-1][-1] if groups else None
        if former and former[0] == index - 1 and former[1].tracking == each.tracking:
            groups[-1].append((index, each))
        else:
            groups.append([(index, each)])
    return groups


def _run(group: Sequence[_Rated], xs: Sequence[float], axis: _Axis) -> Run:
    dots = [
        Dot(round(xs[index], 1), axis.y(each.rate_high or 0.0), each.rate_high or 0.0)
        for index, each in group
    ]
    there = [(xs[index], axis.y(each.interval.high)) for index, each in group if each.interval]
    back = [(xs[index], axis.y(each.interval.low)) for index, each in reversed(group) if each.interval]
    return Run(
        tracking=group[0][1].tracking,
        line=_path([(dot.x, dot.y) for dot in dots]),
        band=_path([*there, *back]) + "Z",
        dots=tuple(dots),
    )


def _lines(places: Sequence[float], rates: Sequence[float | None], axis: _Axis) -> tuple[str, ...]:
    """A path for each run of months that have a rate; one month alone is a dot and no line."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, rate in zip(places, rates, strict=True):
        if rate is None:
            runs.append([])
        else:
            runs[-1].append((x, axis.y(rate)))
    return tuple(_path(run) for run in runs if len(run) > 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _places(count: int) -> tuple[float, list[float]]:
    """The width of a column and the middle of each."""
    room = (HALF_RIGHT - HALF_LEFT) / max(count, 1)
    width = round(min(24.0, room * 0.65), 1)
    return width, [round(HALF_LEFT + room * (number + 0.5), 1) for number in range(count)]


def _half_y(count: int, top: int) -> float:
    return round(HALF_BOTTOM - (HALF_BOTTOM - HALF_TOP) * count / top, 1)
