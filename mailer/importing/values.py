"""The values of cells: dates, yes and no, whole numbers, SIREN, addresses."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from mailer.addresses import AddressError, normalise
from mailer.importing.columns import Line

_ANSWERS: Mapping[str, bool | None] = {
    "": None,
    **dict.fromkeys(("oui", "yes", "o", "y", "1", "true", "vrai", "x"), True),
    **dict.fromkeys(("non", "no", "n", "0", "false", "faux"), False),
}
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
#: `31/12/2026 10:30`, `2026-12-31T00:00:00`: the hour is not kept.
_HOUR = re.compile(r"[ T]\d{1,2}[:h]\d{2}(:\d{2}(\.\d+)?)?Z?", re.ASCII)
#: A day of 1954 to 2064 as spreadsheets count them from 1900, with or without its hour.
_COUNTED = re.compile(r"[2-5]\d{4}([.,]\d+)?", re.ASCII)
_MOST = 2_000_000_000
_LA_POSTE = "356000000"


def read_address(line: Line, name: str) -> str:
    """The address in its normal form."""
    try:
        return normalise(line.raw(name))
    except AddressError as error:
        raise line.error(name, error.reason) from error


def read_yes(line: Line, name: str) -> bool | None:
    """True, False, or None for an empty cell."""
    try:
        return _ANSWERS[line.text(name).casefold()]
    except KeyError as error:
        raise line.error(name, "yes-no") from error


def read_date(line: Line, name: str) -> date | None:
    """31/12/2026 or 2026-12-31; None for an empty cell."""
    value = line.text(name)
    if not value:
        return None
    try:
        return as_date(value)
    except ValueError as error:
        raise line.error(name, "date-number" if _COUNTED.fullmatch(value) else "date") from error


def read_number(line: Line, name: str) -> int | None:
    """A whole number, with or without blanks between its thousands; None for an empty cell."""
    value = line.text(name).replace(" ", "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= _MOST):
        raise line.error(name, "number")
    return int(value)


def read_siren(line: Line, name: str) -> str | None:
    """Nine digits with their check digit, blanks and points left out; None for an empty cell."""
    value = line.text(name)
    if not value:
        return None
    siren = value.replace(" ", "").replace(".", "")
    if not is_siren(siren):
        raise line.error(name, "siren")
    return siren


@lru_cache(maxsize=20_000)
def as_date(text: str) -> date:
    """The day of a French or ISO date; raises ValueError."""
    found = _DAY_FIRST.match(text) or _YEAR_FIRST.match(text)
    if not found or not (found.end() == len(text) or _HOUR.fullmatch(text, found.end())):
        raise ValueError(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


@lru_cache(maxsize=20_000)
def is_siren(value: str) -> bool:
    """Luhn's check digit holds; La Poste's number is the known exception."""
    if not (len(value) == 9 and value.isascii() and value.isdigit()):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(value))
    return value == _LA_POSTE or sum(number - 9 * (number > 9) for number in doubled) % 10 == 0
