"""Columns on the desk: proposed, corrected by hand, remembered for next month's file."""

import io
import re

import pytest
import requests
from sqlalchemy import select

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.people import Contact
from tests.web.conftest import Desk

TEXT = "Contact;Patronyme;Infos\na@ville.example;Aude;oui\n"
HAND = "?c0=address&c1=last_name&c2=topic%3Aflash"


@pytest.fixture
def officer(desk: Desk) -> requests.Session:
    return desk.browser(Role.SENDER)


def waiting(desk: Desk, session: requests.Session, text: str = TEXT, *, kind: str = "contacts") -> str:
    """The address of the page of a file that waits."""
    values = {"csrf": str(session.headers["X-Test-Csrf"]), "kind": kind}
    files = {"file": ("people.csv", io.BytesIO(text.encode()), "text/csv")}
    answer = session.post(f"{desk.url}/importer", data=values, files=files, allow_redirects=False)
    return desk.url + answer.headers["Location"]


def selected(page: str) -> list[str]:
    return [
        (re.findall(r'<option value="([^"]*)" selected', each) or [""])[0]
        for each in re.findall(r"<select class=\"input\" id=\"c.*?</select>", page, re.DOTALL)
    ]


def people(desk: Desk) -> list[tuple[str, str]]:
    contacts = table(Contact)
    with desk.mailer.store.read() as tx:
        rows = tx.execute(select(contacts.c.address, contacts.c.last_name).order_by(contacts.c.id))
        return [(row.address, row.last_name) for row in rows]


def test_a_file_whose_headings_say_nothing_is_asked_about_and_then_remembered(
    desk: Desk, officer: requests.Session
) -> None:
    place = waiting(desk, officer)
    asked = officer.get(place)
    assert (asked.status_code, selected(asked.text)) == (200, ["", "", ""])
    assert "Dites quelle colonne contient" in asked.text
    assert "Importer " not in re.sub(r"<title>.*?</title>", "", asked.text).replace("Importer un", "")
    chosen = officer.get(place + HAND).text
    assert selected(chosen) == ["address", "last_name", "topic:flash"]
    assert "Importer 1 ligne" in chosen.replace("\xa0", " ")
    path = place.removeprefix(desk.url) + "/confirmer" + HAND
    assert desk.post(officer, path).status_code == 303
    assert people(desk) == [("a@ville.example", "Aude")]
    again = officer.get(waiting(desk, officer, TEXT.replace("a@", "b@"))).text
    assert selected(again) == ["address", "last_name", "topic:flash"]
    assert "choisies à la main" in again


def test_back_to_what_the_headings_say_nothing_is_remembered(desk: Desk, officer: requests.Session) -> None:
    text = "Courriel;Nom\na@ville.example;Aude\n"
    for choice in ("?c0=address&c1=job", "?c0=address&c1=last_name"):
        place = waiting(desk, officer, text)
        desk.post(officer, place.removeprefix(desk.url) + "/confirmer" + choice)
    page = officer.get(waiting(desk, officer, text)).text
    assert selected(page) == ["address", "last_name"]
    assert "choisies à la main" not in page


def test_two_columns_of_the_same_are_refused_and_the_file_waits(
    desk: Desk, officer: requests.Session
) -> None:
    place = waiting(desk, officer)
    refused = officer.get(place + "?c0=address&c1=address")
    assert (refused.status_code, "Deux colonnes" in refused.text) == (422, True)
    assert officer.get(place).status_code == 200


def test_the_rejected_lines_are_those_of_the_chosen_columns(desk: Desk, officer: requests.Session) -> None:
    place = waiting(desk, officer, "Contact;Autre\na@ville.example;nowhere\n")
    assert "a@ville.example" not in officer.get(place + "/rejets?c0=address&c1=").text
    assert "nowhere" in officer.get(place + "/rejets?c0=&c1=address").text


def test_an_import_of_exclusions_is_undone_and_what_stays_is_said(
    desk: Desk, officer: requests.Session
) -> None:
    for text in ("Courriel\na@ville.example\nb@ville.example\n", "Courriel\nb@ville.example\n"):
        place = waiting(desk, officer, text, kind="exclusions")
        desk.post(officer, place.removeprefix(desk.url) + "/confirmer")
    (path,) = re.findall(r'action="(/importer/\d+/annuler)"', officer.get(f"{desk.url}/importer").text)
    answer = desk.post(officer, path)
    assert answer.headers["Location"] == "/importer?fait=annulation&restent=1"
    assert "1 ligne reste" in officer.get(desk.url + answer.headers["Location"]).text.replace("\xa0", " ")
