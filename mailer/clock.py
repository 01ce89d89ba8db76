"""The only source of time. UTC inside; the workspace's zone on screen and in files."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from mailer.errors import InputError

_MISSING = "The hour {local} does not exist in {zone}: clocks go forward. Choose for instance {proposal}."
_TWICE = "The hour {local} exists twice in {zone}: clocks go back. Choose for instance {proposal}."


class Clock(Protocol):
    """What the rest of the program may know of time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait; a fixed clock moves forward instead."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class FixedClock:
    """A clock that moves only when told to: for tests and for the simulated year. Safe to share by threads."""

    def __init__(self, at: datetime) -> None:
        self._at = require_aware(at)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=max(0.0, seconds)))

    def advance(self, by: timedelta) -> None:
        with self._lock:
            self._at += by


def require_aware(at: datetime) -> datetime:
    """The same instant in UTC; a naive datetime is a bug at the door, not a guess."""
    if at.tzinfo is None:
        raise ValueError(f"a naive datetime reached the clock: {at!r}")
    return at.astimezone(UTC)


def is_zone(name: str) -> bool:
    """Whether it names a time zone, letter for letter."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    """Some six hundred files are looked at to know them."""
    return frozenset(available_timezones())


def resolve_local(local: datetime, zone: str) -> datetime:
    """The UTC instant of a naive local hour; refuses hours that do not exist or exist twice (time changes).

    Raises InputError with a proposal: the officer decides, not a library's default.
    """
    tz = ZoneInfo(zone)
    early, late = local.replace(tzinfo=tz, fold=0), local.replace(tzinfo=tz, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    # As far as the clocks move (half an hour, one, two): what is doubtful lasts exactly so long.
    proposal = (local + _moved(early, late)).strftime("%Y-%m-%d %H:%M")
    missing = early.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != local
    why = _MISSING if missing else _TWICE
    raise InputError(why, local=local.strftime("%Y-%m-%d %H:%M"), zone=zone, proposal=proposal)


def _moved(early: datetime, late: datetime) -> timedelta:
    before, after = early.utcoffset(), late.utcoffset()
    assert before is not None
    assert after is not None
    return abs(after - before)


def local_date(at: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()
