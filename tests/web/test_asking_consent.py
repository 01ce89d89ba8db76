"""At the desk: how many people a letter would ask about the measure, and why not the others."""

import re
from pathlib import Path

import pytest

from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.people import add_people

LETTER = "flash/2026-06-11"
QUESTION = (
    "\n::: consent\n# Pouvons-nous mesurer les ouvertures\u00a0?\nSi vous dites non, rien ne change.\n:::\n"
)


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def ask(desk: Desk, *, key: bool = True) -> None:
    file = desk.mailer.settings.workspace / f"campaigns/{LETTER}.md"
    text = file.read_text("utf-8")
    begun = text.replace("---\n", "---\nasks_consent: true\n", 1) if key else text
    file.write_text(begun + QUESTION, "utf-8")


def text_of(desk: Desk, path: str, role: Role = Role.READER) -> str:
    page = desk.browser(role).get(desk.url + path)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_page_of_the_letter_says_who_is_asked_and_why_others_are_not(network: Desk) -> None:
    before = text_of(network, f"/lettres/{LETTER}")
    assert "la question serait posée" not in before
    ask(network)
    page = text_of(network, f"/lettres/{LETTER}")
    assert "elle-même n’est pas mesurée" in page
    assert "À qui la question serait posée 0 " in page
    assert "a déjà répondu au sujet de la mesure 1 " in page


def test_the_page_of_an_audience_says_the_same(network: Desk) -> None:
    page = text_of(network, "/audiences/adherents")
    assert "À qui la question serait posée 0 " in page
    assert "a déjà répondu au sujet de la mesure 1 " in page


def test_a_question_without_the_key_stops_the_letter(network: Desk) -> None:
    ask(network, key=False)
    assert "son en-tête ne le dit pas" in text_of(network, f"/lettres/{LETTER}", Role.WRITER)
