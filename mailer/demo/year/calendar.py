"""What leaves when in 2023: a newsletter a month, a flash on Thursdays from June on, mailings as they come."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEAR = 2023
ZONE = "Europe/Paris"
#: Mailings from January to December.
_MAILINGS = (7, 8, 10, 9, 9, 10, 5, 2, 12, 12, 11, 7)
#: So many of a hundred and two are of each kind.
_KINDS = {"save-the-date": 31, "rappel": 27, "info-flash": 44}
_FIRST_FLASH, _LAST_FLASH = date(YEAR, 6, 8), date(YEAR, 12, 21)
_HOLIDAYS = (date(YEAR, 8, 1), date(YEAR, 8, 27))
_TUESDAY, _THURSDAY, _SATURDAY = 1, 3, 5


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the year is played; `people` None is everybody of the demo's files."""

    newsletters: int
    flashes: int
    mailings: int
    people: int | None = None


WHOLE = Size(newsletters=12, flashes=25, mailings=sum(_MAILINGS))


@dataclass(frozen=True, slots=True)
class Departure:
    """One letter of the year; `number` counts within its campaign, from 1."""

    campaign: str
    on: date
    at: datetime
    number: int

    @property
    def issue(self) -> str:
        if self.campaign == "newsletter":
            return self.on.strftime("%Y-%m")
        return self.on.isoformat()

    @property
    def ref(self) -> str:
        return f"{self.campaign}/{self.issue}"


def departures(size: Size) -> list[Departure]:
    """Every letter of the year, the earliest first; of a smaller year the first of each kind."""
    found = [*_newsletters()][: size.newsletters]
    found += [*_flashes()][: size.flashes]
    found += [*_mailings()][: size.mailings]
    return sorted(found, key=lambda each: each.at)


def instant(on: date, hour: int) -> datetime:
    """A full local hour of that day."""
    return datetime.combine(on, time(hour), ZoneInfo(ZONE)).astimezone(UTC)


def _newsletters() -> Iterator[Departure]:
    """The second Tuesday of each month."""
    for month in range(1, 13):
        day = _newsletter_day(month)
        yield Departure("newsletter", day, instant(day, 10), month)


def _newsletter_day(month: int) -> date:
    return [day for day in _days(month) if day.weekday() == _TUESDAY][1]


def _flashes() -> Iterator[Departure]:
    """Thursdays, but not in the holidays."""
    thursdays = [
        day
        for month in range(6, 13)
        for day in _days(month)
        if day.weekday() == _THURSDAY and _FIRST_FLASH <= day <= _LAST_FLASH
    ]
    working = [day for day in thursdays if not _HOLIDAYS[0] <= day <= _HOLIDAYS[1]]
    for number, day in enumerate(working, start=1):
        yield Departure("flash", day, instant(day, 9), number)


def _mailings() -> Iterator[Departure]:
    """Spread over the working days of each month that leave time to read the others; the kinds mixed in their shares."""
    left, drawn = dict.fromkeys(_KINDS, 0), 0
    for month, count in enumerate(_MAILINGS, start=1):
        newsletter = _newsletter_day(month)
        taken = {newsletter, newsletter + timedelta(days=1)}
        working = [
            day
            for day in _days(month)
            if day.weekday() < _SATURDAY and day.weekday() != _THURSDAY and day not in taken
        ]
        for place in range(count):
            day = working[place * len(working) // count]
            drawn += 1
            kind = max(_KINDS, key=lambda each: drawn * _KINDS[each] / WHOLE.mailings - left[each])
            left[kind] += 1
            yield Departure(kind, day, instant(day, 14), left[kind])


def _days(month: int) -> list[date]:
    return [date(YEAR, month, day) for day in range(1, monthrange(YEAR, month)[1] + 1)]
