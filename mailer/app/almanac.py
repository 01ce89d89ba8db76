"""Days on which people are away: French public holidays, and school holidays by zone as far as they are known."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import holidays

ZONES = ("A", "B", "C")
_FILE = Path(__file__).with_name("school_holidays.toml")
#: How the library calls our languages.
_LANGUAGES = {"fr": "fr", "en": "en_US"}


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """One holiday in the zones that have it on these days, both included; `name` is language -> words."""

    name: Mapping[str, str]
    zones: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class SchoolYears:
    """What is known: of a day outside of it nothing can be said."""

    known_from: date
    known_until: date
    holidays: tuple[SchoolHoliday, ...]


def public_holiday(day: date, language: str) -> str:
    """Its name in metropolitan France, empty for a working day."""
    return _public(day.year, _LANGUAGES[language]).get(day, "")


def school_holiday(day: date, language: str) -> tuple[str, tuple[str, ...]]:
    """Its name and the zones that have it, in their order; both empty without one. See `is_known`."""
    found = [each for each in school_years().holidays if each.first <= day <= each.last]
    zones = tuple(zone for zone in ZONES if any(zone in each.zones for each in found))
    return (found[0].name[language] if found else ""), zones


def is_known(day: date) -> bool:
    """Whether the school holidays of this day are known at all."""
    years = school_years()
    return years.known_from <= day <= years.known_until


@cache
def school_years() -> SchoolYears:
    """The shipped file."""
    read = tomllib.loads(_FILE.read_text("utf-8"))
    found = []
    for each in read["holidays"]:
        zones = {"all": ZONES, **{zone: (zone,) for zone in ZONES}}
        found += [
            SchoolHoliday(each["name"], zones[key], span["first"], span["last"])
            for key, span in each.items()
            if key != "name"
        ]
    return SchoolYears(read["known_from"], read["known_until"], tuple(found))


@cache
def _public(year: int, language: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays("FR", years=year, language=language))
