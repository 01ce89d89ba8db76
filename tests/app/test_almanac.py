"""Public holidays have their French names; school holidays are said for known days only."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from mailer.app import almanac


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 7, 14), "Fête nationale"),
        (date(2026, 5, 14), "Ascension"),
        (date(2026, 4, 6), "Lundi de Pâques"),
        (date(2026, 6, 11), ""),
        (date(2026, 4, 3), ""),  # Good Friday: in Alsace and Moselle only
    ],
)
def test_a_public_holiday_has_its_name(day: date, name: str) -> None:
    assert almanac.public_holiday(day, "fr") == name


@pytest.mark.parametrize(
    ("day", "name", "zones"),
    [
        (date(2026, 2, 7), "Vacances d’hiver", ("A",)),
        (date(2026, 2, 22), "Vacances d’hiver", ("A", "B", "C")),
        (date(2026, 2, 23), "Vacances d’hiver", ("B", "C")),
        (date(2027, 2, 6), "Vacances d’hiver", ("C",)),
        (date(2026, 12, 24), "Vacances de Noël", ("A", "B", "C")),
        (date(2026, 6, 11), "", ()),
    ],
)
def test_a_school_holiday_has_its_name_and_zones(day: date, name: str, zones: tuple[str, ...]) -> None:
    assert almanac.school_holiday(day, "fr") == (name, zones)


def test_outside_of_what_was_published_nothing_is_known() -> None:
    years = almanac.school_years()
    assert almanac.is_known(years.known_from)
    assert almanac.is_known(years.known_until)
    assert not almanac.is_known(years.known_until + timedelta(days=1))
    assert not almanac.is_known(date(2029, 7, 14))


def test_the_file_is_in_order_and_within_what_is_known() -> None:
    years = almanac.school_years()
    for zone in almanac.ZONES:
        spans = [(each.first, each.last) for each in years.holidays if zone in each.zones]
        assert all(first <= last for first, last in spans)
        assert all(former[1] < later[0] for former, later in pairwise(spans))
        assert years.known_from <= spans[0][0]
        assert spans[-1][1] <= years.known_until
