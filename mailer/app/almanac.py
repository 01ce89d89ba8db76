"""French public holidays, of every year; school holidays are in `school_years`."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays

#: How the library calls our languages.
_LANGUAGES = {"fr": "fr", "en": "en_US"}


def public_holiday(day: date, language: str) -> str:
    """Its name in metropolitan France, empty for a working day."""
    return _public(day.year, _LANGUAGES[language]).get(day, "")


@cache
def _public(year: int, language: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays("FR", years=year, language=language))
