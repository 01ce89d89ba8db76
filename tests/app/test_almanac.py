"""Public holidays have their French names; school holidays are said for known days only."""

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from mailer.app import almanac
from mailer.app.school_years import FILE_NAME, ZONES, school_years, shipped_years
from tests.conftest import REPOSITORY


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
    assert shipped_years().holiday(day, "fr") == (name, zones)


def test_outside_of_what_was_published_nothing_is_known() -> None:
    years = shipped_years()
    assert years.is_known(years.known_from)
    assert years.is_known(years.known_until)
    assert not years.is_known(years.known_until + timedelta(days=1))
    assert not years.is_known(date(2029, 7, 14))


def test_the_file_is_in_order_and_within_what_is_known() -> None:
    years = shipped_years()
    for zone in ZONES:
        spans = [(each.first, each.last) for each in years.holidays if zone in each.zones]
        assert all(first <= last for first, last in spans)
        assert all(former[1] < later[0] for former, later in pairwise(spans))
        assert years.known_from <= spans[0][0]
        assert spans[-1][1] <= years.known_until


NEXT = """
known_from = 2027-08-01
known_until = 2028-07-31

[[holidays]]
name = { fr = "Vacances d’hiver", en = "Winter holidays" }
A = { first = 2028-02-12, last = 2028-02-27 }

[[holidays]]
name = "Rentrée décalée"
all = { first = 2027-09-01, last = 2027-09-02 }
"""


def test_a_workspace_adds_the_next_year(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(NEXT, "utf-8")
    years, problems = school_years(tmp_path)
    assert problems == []
    assert years.is_known(date(2028, 3, 1))
    assert years.holiday(date(2028, 2, 20), "fr") == ("Vacances d’hiver", ("A",))
    assert years.holiday(date(2027, 9, 1), "en") == ("Rentrée décalée", ZONES)
    assert years.holiday(date(2026, 12, 24), "fr") == ("Vacances de Noël", ZONES)
    assert not years.is_known(date(2028, 8, 1))


def test_without_a_file_what_is_shipped_is_known(tmp_path: Path) -> None:
    assert school_years(tmp_path) == (shipped_years(), [])


@pytest.mark.parametrize(
    ("former", "wrong", "code"),
    [
        ("known_until = 2028-07-31", "", "missing-key"),
        ("known_until = 2028-07-31", 'known_until = "juillet"', "bad-value"),
        ("known_from = 2027-08-01", "known_from = 2027-09-01", "school-gap"),
        ("known_from = 2027-08-01", "known_from = 2027-08-01T00:00:00", "bad-value"),
        ("first = 2028-02-12", "first = 2028-03-12", "bad-value"),
        ("A = {", "D = {", "bad-value"),
        ("A = {", "A = {{", "broken-toml"),
        ("[[holidays]]", "[[holiday]]", "unknown-key"),
        ('name = "Rentrée décalée"', "", "bad-value"),
    ],
)
def test_a_mistake_is_said_and_nothing_of_the_file_counts(
    tmp_path: Path, former: str, wrong: str, code: str
) -> None:
    (tmp_path / FILE_NAME).write_text(NEXT.replace(former, wrong), "utf-8")
    years, problems = school_years(tmp_path)
    assert code in [each.code for each in problems]
    assert years == shipped_years()


def test_the_line_of_a_wrong_holiday_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(NEXT.replace("2027-09-02", "2027-08-02"), "utf-8")
    (problem,) = school_years(tmp_path)[1]
    assert problem.line == 9


def test_the_example_of_the_how_to_is_right(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/how-to/plan-the-month.md").read_text("utf-8")
    (example,) = [part for part in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "known_until" in part]
    (tmp_path / FILE_NAME).write_text(example, "utf-8")
    years, problems = school_years(tmp_path)
    assert problems == []
    assert years.is_known(date(2028, 7, 31))
