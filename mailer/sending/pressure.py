"""How many mails people got and will get: before a letter is scheduled, and for an audience as a whole.

A day counts with the days around it: whoever gets more than the limit in any seven days that hold it gets too many.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailer.model.ledger import Send, SendState
from mailer.sending import audiences
from mailer.store import Tx, pressure, snapshots

WEEK = 7
MONTH = 30
_SPAN = timedelta(days=WEEK)
#: So many days after the wished one are looked at for a better one.
_LOOKED_AHEAD = 14
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Mails:
    """The sends around a day, one bit each, and how many people of an audience stand in which of them."""

    days: tuple[date, ...]
    people: Mapping[int, int]

    def counted(self, first: date, last: date) -> Counter[int]:
        """Mails from the first to the last day -> people who get so many."""
        inside = sum(1 << place for place, day in enumerate(self.days) if first <= day <= last)
        found: Counter[int] = Counter()
        for bits, count in self.people.items():
            found[(bits & inside).bit_count()] += count
        return found

    def above(self, limit: int, *, on: date) -> int:
        """Who would get more than the limit in seven days, if one more came on that day."""
        weeks = [
            sum(1 << place for place, day in enumerate(self.days) if timedelta() <= day - first < _SPAN)
            for first in (on - timedelta(days=back) for back in range(WEEK))
        ]
        return sum(
            count
            for bits, count in self.people.items()
            if max((bits & week).bit_count() for week in weeks) + 1 > limit
        )


@dataclass(frozen=True, slots=True)
class Pressure:
    """Who would get more than `limit` mails in seven days, and a day on which few enough would; None without one."""

    on: date
    limit: int
    people: int
    other_day: date | None


def mails(tx: Tx, audience: Collection[int], *, first: date, last: date, zone: str, but: str = "") -> Mails:
    """The sends of these days, both included, as far as they concern the audience; `but`: the issue left out."""
    found = [each for each in _sends(tx, first, last, zone) if f"{each.campaign}/{each.issue}" != but]
    ledgers = {each.id: place for place, each in enumerate(found) if each.id and _has_ledger(each)}
    planned = {place: _planned(tx, each, zone) for place, each in enumerate(found) if not _has_ledger(each)}
    counts = (
        pressure.patterns(tx, audience, ledgers=ledgers, planned=planned) if found else {0: len(audience)}
    )
    return Mails(tuple(_day(each, zone) for each in found), counts)


def foresee_pressure(
    tx: Tx, audience: Collection[int], *, on: date, limit: int, bearable: int, zone: str, but: str = ""
) -> Pressure | None:
    """What one more letter on that day would do; None where no more than `bearable` people would get too many."""
    around = mails(
        tx, audience, first=on - _SPAN, last=on + timedelta(days=_LOOKED_AHEAD) + _SPAN, zone=zone, but=but
    )
    people = around.above(limit, on=on)
    if people <= bearable:
        return None
    later = (on + timedelta(days=ahead) for ahead in range(1, _LOOKED_AHEAD + 1))
    free = (day for day in later if day.weekday() < _SATURDAY and around.above(limit, on=day) <= bearable)
    return Pressure(on, limit, people, next(free, None))


def of_person(tx: Tx, contact_id: int, *, first: date, last: date, zone: str) -> list[date]:
    """The days of the mails that one person got or will get from the first to the last day."""
    found = _sends(tx, first, last, zone)
    got = pressure.of_person(tx, contact_id, [each.id for each in found if each.id and _has_ledger(each)])
    return [
        _day(each, zone)
        for each in found
        if (each.id in got if _has_ledger(each) else contact_id in set(_planned(tx, each, zone)))
    ]


def _sends(tx: Tx, first: date, last: date, zone: str) -> list[Send]:
    return pressure.sends_between(tx, _midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _day(send: Send, zone: str) -> date:
    return (send.started_at or send.send_at).astimezone(ZoneInfo(zone)).date()


def _has_ledger(send: Send) -> bool:
    return send.started_at is not None or send.state == SendState.DONE


def _planned(tx: Tx, send: Send, zone: str) -> Sequence[int]:
    """Whom a send would go to that has not begun: as its frozen rule names them today for its day."""
    snapshot = snapshots.get(tx, send.snapshot_id)
    return audiences.of_snapshot(tx, snapshot, day=_day(send, zone)).contact_ids
