"""A letter as one person sees it: chosen by address, which never stands in an address of the desk."""

import re

import pytest
from playwright.sync_api import Browser, Request, expect

from mailer.model.accounts import Role
from mailer.store import by_hand, contacts
from tests.web.conftest import Desk
from tests.web.data import NOW
from tests.web.test_composing_browser import open_page

LETTER = "/lettres/flash/2026-06-11"
ADDRESS = "anne.dupre@commune.example"
STRANGER = "Aucun contact n’a cette adresse"


@pytest.fixture
def number(desk: Desk) -> int:
    with desk.mailer.store.write() as tx:
        who = {"language": "fr", "source": "test", "organisation": "", "on": NOW.date(), "at": NOW}
        contact_id = contacts.find_or_create(tx, ADDRESS, **who)  # type: ignore[arg-type]  # one of each
        by_hand.update(tx, contact_id, at=NOW, first_name="Anne")
    return contact_id


def test_whoever_is_chosen_by_address_is_shown_by_number(desk: Desk, number: int) -> None:
    writer = desk.browser(Role.WRITER)
    answer = desk.post(writer, f"{LETTER}/lecteur", pour=f" {ADDRESS.upper()} ", vue="texte")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LETTER}?vue=texte&pour={number}")
    page = writer.get(desk.url + answer.headers["Location"]).text
    assert f"pour {ADDRESS}" in page
    assert f'value="{ADDRESS}"' in page
    assert f"vue=sombre&amp;pour={number}" in page


def test_a_stranger_is_said_to_be_one(desk: Desk) -> None:
    writer = desk.browser(Role.WRITER)
    answer = desk.post(writer, f"{LETTER}/lecteur", pour="nobody@commune.example")
    page = writer.get(desk.url + answer.headers["Location"]).text
    assert STRANGER in page
    assert "nobody@commune.example" not in page


def test_nobody_is_the_made_up_reader_again(desk: Desk) -> None:
    answer = desk.post(desk.browser(Role.WRITER), f"{LETTER}/lecteur", pour=" ", vue="nonsense")
    assert answer.headers["Location"] == f"{LETTER}?vue=ordinateur&pour="


@pytest.mark.parametrize("key", ["99999999", "9" * 400, "-1", "²", "anne@commune.example", "1.5"])
def test_a_number_of_nobody_is_the_made_up_reader(desk: Desk, key: str) -> None:
    page = desk.browser(Role.WRITER).get(f"{desk.url}{LETTER}", params={"pour": key})
    assert page.status_code == 200
    assert "pour camille@exemple.example" in page.text


def test_a_wrong_address_is_said_and_the_page_stays(desk: Desk) -> None:
    answer = desk.post(desk.browser(Role.WRITER), f"{LETTER}/lecteur", pour="not-an-address")
    assert answer.status_code == 422
    assert 'role="alert" id="why"' in answer.text
    assert 'value="not-an-address"' in answer.text


def test_who_may_see_no_person_sees_none_by_counting(desk: Desk, number: int) -> None:
    reader = desk.browser(Role.READER)
    page = reader.get(f"{desk.url}{LETTER}?vue=texte&pour={number}").text
    assert ADDRESS not in page
    assert f'action="{LETTER}/lecteur"' not in page
    assert "Anne" not in reader.get(f"{desk.url}{LETTER}/apercu?pour={number}").text
    assert desk.post(reader, f"{LETTER}/lecteur", pour=ADDRESS).status_code == 403


def test_the_composer_asks_for_nobody_by_address(desk: Desk, browser: Browser, number: int) -> None:
    page = open_page(desk, browser, f"{LETTER}/ecrire")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    said = page.locator("[data-reader-said]")
    page.fill("#subject", "Bonjour {{ first_name | vous }}")
    page.fill("#pour", ADDRESS)
    page.press("#pour", "Enter")
    expect(page.locator("[data-mirror=subject]")).to_have_text("Bonjour Anne")
    expect(said).to_be_empty()
    page.fill("#pour", "nobody@commune.example")
    page.click("[data-show]")
    expect(said).to_contain_text(STRANGER)
    expect(page.locator("[data-mirror=subject]")).to_have_text("Bonjour vous")
    page.fill("#pour", "nobody")
    page.click("[data-show]")
    expect(said).to_contain_text("nobody")
    expect(page.locator("#pour")).to_have_attribute("aria-invalid", "true")
    page.fill("#pour", ADDRESS)
    page.click("[data-show]")
    expect(page.locator("[data-mirror=subject]")).to_have_text("Bonjour Anne")
    # Another part of the page is put in the place of this one, and shows the same person.
    page.click("[data-undo]")
    expect(page.locator("[data-frame]:not(.is-coming)")).to_have_attribute(
        "src", re.compile(rf"pour={number}\b")
    )
    assert any(f"pour={number}" in each for each in asked)
    assert not [each for each in asked if "%40" in each or "@" in each]
    page.context.close()


def test_without_script_the_composer_shows_the_same_person(desk: Desk, number: int) -> None:
    writer = desk.browser(Role.WRITER)
    form = {"act": "vue:texte", "pour": ADDRESS}
    answer = desk.post(writer, f"{LETTER}/ecrire", **form)
    assert f"apercu?vue=texte&amp;pour={number}" in answer.text
    assert f'value="{ADDRESS}"' in answer.text
