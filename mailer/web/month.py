"""A month as weeks of days, each with the letters that leave on it."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mailer.app import IssueSummary
from mailer.model import calendar as events

#: How a campaign's rhythm looks in the calendar.
LOOKS = {"monthly": "n", "weekly": "f"}
YEARS = events.YEARS


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    is_inside: bool
    is_today: bool
    letters: tuple[IssueSummary, ...]

    @property
    def is_weekend(self) -> bool:
        return self.on.weekday() >= calendar.SATURDAY


@dataclass(frozen=True, slots=True)
class Month:
    """`before` and `after` are the first days of the neighbours."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    before: date
    after: date


def local_departure(summary: IssueSummary, zone: str) -> datetime | None:
    """The naive local hour when a letter leaves, left, or wishes to leave."""
    return summary.local_at(zone)


def local_now(now: datetime, zone: str) -> datetime:
    """The present naive local hour."""
    return now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def read_month(text: str, today: date) -> date:
    """The first day of `2026-06`, or of the present month for any other text."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if first.year in YEARS else today.replace(day=1)


def build_month(first: date, summaries: Iterable[IssueSummary], *, today: date, zone: str) -> Month:
    """Whole weeks from Monday on that hold the month."""
    letters: dict[date, list[IssueSummary]] = {}
    for summary in summaries:
        at = local_departure(summary, zone)
        if at is not None and summary.state != "cancelled":
            letters.setdefault(at.date(), []).append(summary)
    weeks = tuple(
        tuple(Day(day, day.month == first.month, day == today, tuple(letters.get(day, ()))) for day in week)
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    )
    return Month(first, weeks, before=_shifted(first, -1), after=_shifted(first, 1))


def _shifted(first: date, by: int) -> date:
    months = first.year * 12 + first.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def look(summary: IssueSummary) -> str:
    return LOOKS.get(summary.campaign.rhythm, "m")
