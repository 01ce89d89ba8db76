"""Dates as each language writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mailer.i18n import Translator, written_date


@pytest.mark.parametrize(
    ("day", "language", "written"),
    [
        (date(2026, 12, 1), "fr", "mardi 1er décembre 2026"),
        (date(2026, 12, 11), "fr", "vendredi 11 décembre 2026"),
        (date(2026, 12, 1), "en", "Tuesday 1 December 2026"),
    ],
)
def test_a_day_is_written_in_full(day: date, language: str, written: str) -> None:
    assert written_date(day, "EEEE d MMMM y", language) == written


def test_an_instant_is_shown_in_the_zone() -> None:
    late = datetime(2026, 5, 31, 22, 5, tzinfo=UTC)
    assert Translator("fr").instant(late) == "lundi 1er juin 2026 à 0 h 05"
    assert Translator("fr").instant(late - timedelta(minutes=5)) == "lundi 1er juin 2026 à 0 h"
    assert Translator("en").instant(late) == "Monday 1 June 2026, 0:05"


def test_words_in_quotes_are_left_alone() -> None:
    assert written_date(date(2026, 12, 1), "d MMMM 'd' y", "fr") == "1er décembre d 2026"
