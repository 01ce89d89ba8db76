"""The lines of a report's table: each figure with its number, its rate, and its place in the twelve months before."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailer.model.report import Report
from mailer.model.series import Place
from mailer.model.workspace import Tracking

#: The strip is drawn from 4 to 116.
_FROM, _LENGTH = 4, 112
_Line = tuple[str, int, float | None]


@dataclass(frozen=True, slots=True)
class Strip:
    """Places of the letter and of the median between the least and the most."""

    own: float
    median: float
    #: 1 above the median, 0 on it, -1 below.
    side: int


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; `rate` is of the base that the page names, `place` compares the rate, or a number without one."""

    key: str
    count: int
    rate: float | None
    place: Place | None

    @property
    def strip(self) -> Strip | None:
        place = self.place
        if place is None or place.most == place.least:
            return None
        span = place.most - place.least
        own, median = (_FROM + _LENGTH * (each - place.least) / span for each in (place.own, place.median))
        side = (place.own > place.median) - (place.own < place.median)
        return Strip(round(own, 1), round(median, 1), side)


def lines(report: Report, places: Mapping[str, Place]) -> list[Line]:
    """The table, from who was targeted to what was cancelled; lines that say nothing are left out."""
    return [
        Line(key, count, rate, places.get(key))
        for key, count, rate in (*_left(report), *_read(report), *_afterwards(report), *_stopped(report))
    ]


def is_followed(report: Report) -> bool:
    """Whether this letter counts clicks: in the mode `consented` only."""
    return report.letter.tracking == Tracking.CONSENTED.value


def _left(report: Report) -> list[_Line]:
    return [
        ("planned", report.letter.planned, None),
        ("accepted", report.letter.accepted, _of(report.letter.accepted, report.letter.planned)),
        ("delivered", report.letter.delivered, _of(report.letter.delivered, report.letter.accepted)),
    ]


def _read(report: Report) -> list[_Line]:
    lines: list[_Line] = []
    if report.letter.opens_high is not None:
        lines.append(("opened", report.letter.opens_high, report.letter.rate_high))
    if is_followed(report) and report.letter.clicks is not None:
        lines.append(("clicks", report.letter.clicks, None))  # several of one person: no share of anybody
    return lines


def _afterwards(report: Report) -> list[_Line]:
    keys = ("unsubscribed", "bounced", "complained")
    return [(key, report.count(key), _of(report.count(key), report.letter.accepted)) for key in keys]


def _stopped(report: Report) -> list[_Line]:
    always, where_any = ("refused", "excluded", "in_doubt"), ("open", "cancelled")
    keys = (*always, *(key for key in where_any if report.count(key)))
    return [(key, report.count(key), _of(report.count(key), report.letter.planned)) for key in keys]


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None
