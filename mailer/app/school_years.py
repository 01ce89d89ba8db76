"""School holidays as far as they are known: the shipped file, and what a workspace adds to it in one of its own."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from mailer.errors import Problem
from mailer.workspace.toml_files import TomlFile

ZONES = ("A", "B", "C")
#: In the root of a workspace; it has the form of the shipped one.
FILE_NAME = "school_holidays.toml"
_SHIPPED = Path(__file__).with_name(FILE_NAME)
_SPANS = {"all": ZONES, **{zone: (zone,) for zone in ZONES}}


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

    def is_known(self, day: date) -> bool:
        return self.known_from <= day <= self.known_until

    def holiday(self, day: date, language: str) -> tuple[str, tuple[str, ...]]:
        """Its name and the zones that have it, in their order; both empty without one. See `is_known`."""
        found = [each for each in self.holidays if each.first <= day <= each.last]
        zones = tuple(zone for zone in ZONES if any(zone in each.zones for each in found))
        return (found[0].name[language] if found else ""), zones


@cache
def shipped_years() -> SchoolYears:
    """The shipped file."""
    read = tomllib.loads(_SHIPPED.read_text("utf-8"))
    return SchoolYears(read["known_from"], read["known_until"], tuple(_holidays(read["holidays"])))


def school_years(root: Path) -> tuple[SchoolYears, list[Problem]]:
    """What is shipped with what the workspace adds; its mistakes, in which case nothing of its file counts."""
    shipped, problems = shipped_years(), list[Problem]()
    if not (root / FILE_NAME).exists():
        return shipped, problems
    file = TomlFile(root, Path(FILE_NAME), problems)
    if file.is_read:
        _check(file, shipped)
    if problems:
        return shipped, problems
    known_until = max(shipped.known_until, file.take("known_until", date, shipped.known_until))
    added = tuple(_holidays(file.take("holidays", list, [])))
    return SchoolYears(shipped.known_from, known_until, shipped.holidays + added), problems


def _holidays(read: list[dict[str, Any]]) -> Iterator[SchoolHoliday]:
    for each in read:
        name = each["name"] if isinstance(each["name"], dict) else {"fr": each["name"], "en": each["name"]}
        for key, zones in _SPANS.items():
            if key in each:
                yield SchoolHoliday(name, zones, each[key]["first"], each[key]["last"])


def _check(file: TomlFile, shipped: SchoolYears) -> None:
    file.refuse_unknown({"known_from", "known_until", "holidays"})
    for key in ("known_from", "known_until"):
        file.check(key, date, _is_day, remedy="Write a day without an hour, such as 2028-07-31.")
    file.take("known_until", date, shipped.known_until, is_required=True)
    begins = file.take("known_from", date, shipped.known_until)
    if _is_day(begins) and begins > shipped.known_until + timedelta(days=1):
        file.add(
            "school-gap",
            message="Nothing would be known of the days between {until} and {begins}.",
            remedy="Add the holidays of those days, and write an earlier known_from.",
            key="known_from",
            until=shipped.known_until,
            begins=begins,
        )
    for number, each in enumerate(file.take("holidays", list, []), start=1):
        if not _is_right(each):
            file.add(
                "bad-value",
                message="This holiday cannot be read.",
                remedy="Write a name, and for all, A, B or C a first and a last day: {example}.",
                key="holidays",
                line=file.line("holidays", occurrence=number),
                example="A = { first = 2028-02-12, last = 2028-02-27 }",
            )


def _is_right(each: object) -> bool:
    if not isinstance(each, dict) or not set(each) <= {"name", *_SPANS} or len(each) < 2:
        return False
    name = each.get("name")
    words = list(name.values()) if isinstance(name, dict) and set(name) == {"fr", "en"} else [name]
    spans = [span for key, span in each.items() if key != "name"]
    return all(isinstance(word, str) and word for word in words) and all(map(_is_span, spans))


def _is_span(span: object) -> bool:
    if not isinstance(span, dict) or set(span) != {"first", "last"}:
        return False
    return _is_day(span["first"]) and _is_day(span["last"]) and bool(span["first"] <= span["last"])


def _is_day(value: object) -> bool:
    """An instant is a date to Python, and no day here."""
    return type(value) is date
