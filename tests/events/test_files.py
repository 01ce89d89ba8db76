"""The file of an event: read and written as exact inverses, every mistake with its line and remedy."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer import workspace
from mailer.errors import InputError, Problem
from mailer.model.calendar import KIT, CalendarEvent
from mailer.workspace.events import read_event
from mailer.workspace.toml_files import TomlFile

PATH = Path("campaigns/mailing/events/eau.toml")
ZONE = "Europe/Paris"
_line = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)
_texts = st.lists(_line, max_size=3).map("\n".join)
_links = st.just("") | st.from_regex(r"https://[a-z]{1,8}\.example/[a-z0-9?=&-]{0,8}", fullmatch=True)
_days = st.integers(1, 28)
events = st.builds(
    lambda day, hours, **values: CalendarEvent(
        campaign="mailing",
        slug="eau",
        path=PATH,
        start=datetime.fromisoformat(f"2026-09-{day:02}T09:30"),
        end=datetime.fromisoformat(f"2026-09-{day:02}T{9 + hours:02}:45"),
        **values,
    ),
    day=_days,
    hours=st.integers(0, 12),
    title=_line.filter(bool),
    zone=st.sampled_from([ZONE, "Indian/Reunion"]),
    place=_line.map("à {}".format),
    address=_line,
    online=_links,
    registration=_links,
    description=_texts,
    contact=st.sampled_from(["", "evenements@reseau.example"]),
    replay=_links,
    cancelled=st.booleans(),
    letters=st.sets(st.sampled_from(KIT)).map(lambda found: tuple(each for each in KIT if each in found)),
)


def read(text: str) -> tuple[CalendarEvent | None, list[Problem]]:
    problems: list[Problem] = []
    return read_event(TomlFile(Path(), PATH, problems, text=text), zone=ZONE), problems


@given(events)
def test_what_is_written_is_read_again(event: CalendarEvent) -> None:
    assert read(workspace.write_event(event, zone=ZONE)) == (event, [])


@given(events, events)
def test_an_event_written_over_another_is_read_again(before: CalendarEvent, after: CalendarEvent) -> None:
    text = workspace.write_event(before, zone=ZONE)
    assert read(workspace.write_event(after, original=text, zone=ZONE)) == (after, [])
    assert workspace.write_event(before, original=text, zone=ZONE) == text


TEXT = """# La grande rencontre
title = "Eau"
start = "2026-09-17 09:30"  # accueil dès 9 h
end = "2026-09-17 16:00"
place = "Albi"
"""


def test_only_the_lines_of_what_changed_are_other() -> None:
    event, _ = read(TEXT)
    assert event is not None
    values = workspace.file_values(event) | {"start": datetime.fromisoformat("2026-09-17T10:00")}
    moved = CalendarEvent(campaign="mailing", slug="eau", path=PATH, **{**values, "end": event.end})
    assert workspace.write_event(moved, original=TEXT, zone=ZONE) == TEXT.replace("09:30", "10:00")


@pytest.mark.parametrize(
    ("line", "code", "number"),
    [
        ('title = "Eau"', "missing-key", None),
        ('start = "17/09/2026"', "bad-value", 3),
        ('start = "2026-03-29 02:30"', "doubtful-hour", 3),
        ('start = "1969-12-31 09:30"', "bad-value", 3),
        ('end = "2100-01-01 10:00"', "bad-value", 4),
        ('end = "9999-12-31 10:00"', "bad-value", 4),
        ('end = "2026-09-16 16:00"', "event-order", 4),
        ('place = ""', "event-nowhere", 5),
        ('online = "http://visio.example"', "bad-value", 6),
        ('registraton = "https://a.example"', "unknown-key", 6),
        ('zone = "Paris"', "bad-value", 6),
        ('letters = ["j-13"]', "bad-value", 6),
        ("cancelled = 1", "bad-value", 6),
        ('title = "Eau\\nBcc: a"', "bad-value", 2),
    ],
)
def test_each_mistake_has_its_line(line: str, code: str, number: int | None) -> None:
    key = line.split(" ")[0]
    lines = TEXT.splitlines()
    place = next((at for at, each in enumerate(lines) if each.startswith(f"{key} =")), len(lines))
    lines[place : place + 1] = [] if code == "missing-key" else [line]
    _, problems = read("\n".join(lines) + "\n")
    assert [(each.code, each.line) for each in problems] == [(code, number)]
    assert all(each.remedy or each.code == "doubtful-hour" for each in problems)


def test_a_title_has_the_no_break_spaces_of_french() -> None:
    event, problems = read(TEXT.replace('"Eau"', '"Eau\u00a0: le débat"'))
    assert (event and event.title, problems) == ("Eau\u00a0: le débat", [])


def test_what_is_not_toml_is_not_written_over() -> None:
    event, _ = read(TEXT)
    assert event is not None
    with pytest.raises(InputError):
        workspace.write_event(event, original=TEXT + "oops\n", zone=ZONE)
