"""The calendar file of an event: hours, its number, its changes."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from mailer.app import Mailer
from mailer.app.calendar_files import calendar_file
from mailer.workspace.event_values import event_values
from tests.events.calendars import MOVED, calendar
from tests.events.conftest import VALUES


def test_the_calendar_file_says_the_hours_in_utc(mailer: Mailer, event: str) -> None:
    said = calendar(mailer)
    for line in ("METHOD:PUBLISH", "DTSTART:20260917T073000Z", "DTEND:20260917T140000Z", "SEQUENCE:0",
                 "STATUS:CONFIRMED", "LOCATION:Salle des fêtes\\, 1 rue du Pont\\, Albi"):  # fmt: skip
        assert f"{line}\n" in said


def test_what_is_written_by_hand_is_read_from_the_calendar_file_as_it_was(mailer: Mailer) -> None:
    """Signs of the format, lines of many bytes, what would end the event: with the reader of another's making."""
    hostile = {
        "title": 'A, B; C\\n "D"\u00a0: ' + "é" * 90,
        "place": "Salle; des, fêtes\\",
        "description": 'Un\nDEUX:x\nEND:VEVENT\n"trois"\\n, ;',
        "registration": 'https://reseau.example/i?a=1,2;b="x"&c=%0D%0AX:Y',
        "end": "2026-09-18 12:00",
    }
    ref = mailer.events.create("mailing", {**VALUES, **hostile}, by="test")
    body = calendar_file(mailer.settings, mailer.store, mailer.signer, ref).body
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    (entry,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(entry["summary"]) == hostile["title"]
    assert str(entry["location"]) == "Salle; des, fêtes\\, 1 rue du Pont, Albi"
    assert str(entry["description"]) == f"{hostile['description']}\n{hostile['registration']}"
    assert str(entry["url"]) == hostile["registration"]
    assert (entry["dtend"].dt - entry["dtstart"].dt) == timedelta(days=1, hours=2, minutes=30)


def test_the_calendar_file_always_names_who_answers_for_it(mailer: Mailer, event: str) -> None:
    def organiser() -> str:
        return next(line for line in calendar(mailer).splitlines() if line.startswith("ORGANIZER"))

    campaign = mailer.workspace()[0].campaigns["mailing"]
    assert organiser().endswith(f":mailto:{campaign.reply_to or campaign.sender_address}")
    mailer.events.change(event, {"contact": "anne@reseau.example"}, by="test")
    assert organiser().endswith(":mailto:anne@reseau.example")


@pytest.mark.parametrize("key", ["contact", "registration", "online", "place"])
def test_what_no_line_can_hold_is_left_out_of_it_and_told(mailer: Mailer, event: str, key: str) -> None:
    found = mailer.workspace()[0].campaigns["mailing"].events[event.partition("/")[2]]
    file = mailer.settings.workspace / found.path
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(key)]
    file.write_text("\n".join([f'{key} = "https://a.example/\\nATTENDEE:b"', *kept, ""]), "utf-8")
    assert "ATTENDEE" not in calendar(mailer)
    assert (found.path, key) in [(each.path, each.field) for each in mailer.workspace()[1]]


def test_its_uid_stays_and_its_sequence_grows_with_each_change(mailer: Mailer, event: str) -> None:
    def told() -> tuple[str, str, str]:
        lines = dict(line.split(":", 1) for line in calendar(mailer).splitlines())
        return lines["UID"], lines["SEQUENCE"], lines["STATUS"]

    first = told()
    mailer.events.change(event, MOVED, by="test")
    second = told()
    mailer.events.change(event, {"cancelled": True}, by="test")
    uid = first[0]
    assert (first, second, told()) == (
        (uid, "0", "CONFIRMED"),
        (uid, "1", "CONFIRMED"),
        (uid, "2", "CANCELLED"),
    )


def test_a_change_that_nobody_has_noted_yet_counts(mailer: Mailer, event: str) -> None:
    path = mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml"
    path.write_text(path.read_text("utf-8").replace("Salle des fêtes", "Mairie"), "utf-8")
    assert "SEQUENCE:1\n" in calendar(mailer)
    mailer.run_due()
    assert "SEQUENCE:1\n" in calendar(mailer)


def test_hours_over_several_days_are_said(mailer: Mailer) -> None:
    ref = mailer.events.create("mailing", {**VALUES, "end": "2026-09-18 12:00"}, by="test")
    _, _, found = mailer.events.find(ref)
    assert (
        event_values(found, "fr")["time"]
        == "9\u00a0h\u00a030, jusqu’au vendredi 18\u00a0septembre à 12\u00a0h"
    )
