"""Passwords: argon2id, the same time for an unknown user, and longer and longer waits after failures."""

from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from mailer.errors import InputError
from mailer.store import Tx, accounts

MINIMUM = 12
MAXIMUM = 200
#: Failures that cost nothing: of one account, of one source (an office shares its source).
FREE_TRIES = 5
FREE_TRIES_OF_A_SOURCE = 30
WINDOW = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")


def hash_password(password: str, *, again: str) -> str:
    """The argon2id hash; raises InputError for a password that is too short or not repeated."""
    if len(password) < MINIMUM:
        raise InputError("The password needs at least {minimum} characters.", minimum=MINIMUM)
    if len(password) > MAXIMUM:
        raise InputError("The password may have at most {maximum} characters.", maximum=MAXIMUM)
    if password != again:
        raise InputError("The two passwords differ. Type the same one twice.")
    return _hasher().hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for nobody (None or empty) as for somebody."""
    try:
        fits = _hasher().verify(password[:MAXIMUM], password_hash or _nobodys_hash())
    except UnknownHashError:
        return False
    return fits and bool(password_hash)


def waiting_time(tx: Tx, *, account: str, source: str, at: datetime) -> timedelta:
    """How long to wait before the next try is looked at; zero most of the time."""
    waits = (
        _wait(*accounts.failures(tx, account, since=at - WINDOW), free=FREE_TRIES, at=at),
        _wait(*accounts.failures(tx, source, since=at - WINDOW), free=FREE_TRIES_OF_A_SOURCE, at=at),
    )
    return max(waits)


def _wait(count: int, last: datetime | None, *, free: int, at: datetime) -> timedelta:
    if last is None or count < free:
        return timedelta()
    doubled = FIRST_WAIT * (1 << min(count - free, 10))
    return max(timedelta(), last + min(doubled, LONGEST_WAIT) - at)
