"""How many mails people get, past and planned: of an audience, and of one person."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from mailer.app import local_days
from mailer.app.mailer import Mailer
from mailer.sending import pressure
from mailer.store import contacts

#: The spans that are shown: a week, and a month.
SPANS = (pressure.WEEK, pressure.MONTH)


@dataclass(frozen=True, slots=True)
class Span:
    """So many days back, today with them, and so many ahead: people by their mails."""

    days: int
    past: Counter[int]
    planned: Counter[int]


@dataclass(frozen=True, slots=True)
class Own:
    """The mails of one person in so many days back and ahead."""

    days: int
    past: int
    planned: int


def of_audience(mailer: Mailer, contact_ids: Collection[int]) -> tuple[Span, ...]:
    """The people counted by their mails, for each span."""
    today, zone = local_days.today(mailer), mailer.settings.time_zone
    month = timedelta(days=pressure.MONTH)
    with mailer.store.read(unhurried=True) as tx:
        found = pressure.mails(tx, contact_ids, first=today - month, last=today + month, zone=zone)
    return tuple(
        Span(days, found.counted(_back(today, days), today), found.counted(*_ahead(today, days)))
        for days in SPANS
    )


def of_person(mailer: Mailer, address: str) -> tuple[Own, ...]:
    """How many mails an address got and will get; nothing for one that is no contact's."""
    today, zone = local_days.today(mailer), mailer.settings.time_zone
    month = timedelta(days=pressure.MONTH)
    with mailer.store.read(unhurried=True) as tx:
        contact_id = contacts.find_id(tx, address)
        if contact_id is None:
            return ()
        days = pressure.of_person(tx, contact_id, first=today - month, last=today + month, zone=zone)
    return tuple(
        Own(span, _inside(days, _back(today, span), today), _inside(days, *_ahead(today, span)))
        for span in SPANS
    )


def _back(today: date, days: int) -> date:
    return today - timedelta(days=days - 1)


def _ahead(today: date, days: int) -> tuple[date, date]:
    return today + timedelta(days=1), today + timedelta(days=days)


def _inside(days: list[date], first: date, last: date) -> int:
    return sum(first <= day <= last for day in days)
