"""In Debian's chromium: a merge field in a text is a chip with a name, and stays written as it was."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Desk
from tests.web.test_composing_browser import REF, open_page, press, text_of
from tests.web.test_rich_browser import AREA, EDITOR, OPENED, emptied, written

pytestmark = pytest.mark.browser
CHIP = f"{EDITOR} .merge"
BUTTON = "#bloc-2 [data-mark=merge]"


def opened_with(desk: Desk, browser: Browser, text: str) -> Page:
    """The article of the letter with these words before its own."""
    written(desk, lambda file: file.replace("Commerces vacants", f"{text}\n\nCommerces vacants"))
    return open_page(desk, browser, OPENED)


def test_a_field_of_the_file_is_a_chip_and_keeps_its_bytes_while_all_around_it_changes(
    desk: Desk, browser: Browser
) -> None:
    fields = "{{first_name|chère *amie*}}, **de {{\u00a0organisation }}** {{ prenom | x }}"
    page = opened_with(desk, browser, f"À {fields}.")
    expect(page.locator(CHIP)).to_have_text(["prénom", "organisme"])
    named = "Champ\u00a0: prénom, ou à défaut «\u00a0chère *amie*\u00a0»."
    expect(page.get_by_role("img", name=named)).to_be_visible()
    expect(page.locator(EDITOR)).to_contain_text("{{ prenom | x }}")
    page.focus(EDITOR)
    # For a fifth of a second the editor takes a caret at the very start for a whim of the browser.
    page.wait_for_timeout(300)
    press(page, "Control+Home")
    page.keyboard.type("Oui. ")
    press(page, "End")
    page.keyboard.type("!")
    expect(page.locator(AREA)).to_have_value(re.compile(f"^{re.escape(f'Oui. À {fields}.!')}\n\nCommerces"))
    kept = f"\nOui. À {fields}.!\n\nCommerces"
    while kept not in text_of(desk, REF):  # the time limit of the test ends a wait that never does
        page.wait_for_timeout(20)
    page.reload()
    expect(page.locator(CHIP)).to_have_text(["prénom", "organisme"])
    assert kept in text_of(desk, REF)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_a_chip_is_reached_by_arrows_said_aloud_and_taken_away_as_one(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    page.keyboard.type("Cher {{ first_name | vous }}!")
    whole = "Cher {{ first_name | vous }}!"
    expect(page.locator(AREA)).to_have_value(whole)
    press(page, "ArrowLeft", "ArrowLeft")
    expect(page.locator(CHIP)).to_have_class("merge ProseMirror-selectednode")
    expect(page.locator("[data-announce]")).to_have_text(
        "Champ\u00a0: prénom, ou à défaut «\u00a0vous\u00a0». Entrée le change, Suppr le retire."
    )
    # What is typed within half a second is taken back as one.
    page.wait_for_timeout(600)
    press(page, "Delete")
    expect(page.locator(AREA)).to_have_value("Cher !")
    press(page, "Control+z")
    expect(page.locator(AREA)).to_have_value(whole)
    page.wait_for_timeout(600)
    press(page, "End", "ArrowLeft", "Backspace")
    expect(page.locator(AREA)).to_have_value("Cher !")
    press(page, "Control+z", "Home", "Control+b", "Shift+End", "Control+b")
    expect(page.locator(AREA)).to_have_value("**Cher {{ first_name | vous }}!**")
    page.context.close()


def test_the_button_places_a_field_and_enter_changes_it(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    page.keyboard.type("À ")
    page.click(BUTTON)
    expect(page.locator("#champ-nom")).to_be_focused()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.select_option("#champ-nom", label="organisme")
    page.fill("#champ-defaut", "votre {commune}")
    press(page, "Enter")
    expect(page.locator("#champ-defaut-m")).to_be_visible()
    page.fill("#champ-defaut", "votre commune")
    press(page, "Enter")
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type(", bonjour")
    expect(page.locator(AREA)).to_have_value("À {{ organisation | votre commune }}, bonjour")
    page.locator(CHIP).click()
    press(page, "Enter")
    expect(page.locator("#champ-nom")).to_have_value("organisation")
    expect(page.locator("#champ-defaut")).to_have_value("votre commune")
    page.select_option("#champ-nom", "last_name")
    page.fill("#champ-defaut", "")
    press(page, "Enter")
    expect(page.locator(AREA)).to_have_value("À {{ last_name }}, bonjour")
    page.locator(CHIP).dblclick()
    press(page, "Escape")
    expect(page.locator(EDITOR)).to_be_focused()
    expect(page.locator(AREA)).to_have_value("À {{ last_name }}, bonjour")
    page.context.close()


def test_a_field_wears_what_stands_in_its_place(desk: Desk, browser: Browser) -> None:
    page = opened_with(
        desk, browser, "**{{ first_name | vous }}** et [le *{{ last_name }}*](https://reseau.example)"
    )
    for chip in (0, 1):
        page.locator(CHIP).nth(chip).click()
        press(page, "Enter")
        page.select_option("#champ-nom", "organisation")
        page.click("text=Placer le champ")
        expect(page.locator(CHIP).nth(chip)).to_have_text("organisme")
    expect(page.locator(AREA)).to_have_value(
        re.compile(
            r"^\*\*\{\{ organisation \| vous \}\}\*\* et \[le \*\{\{ organisation \}\}\*\]\(https://reseau\.example\)"
        )
    )
    emptied(page)
    press(page, "Control+b")
    page.click(BUTTON)
    page.click("text=Placer le champ")
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type("!")
    expect(page.locator(AREA)).to_have_value("**{{ first_name }}!**")
    page.context.close()


def test_markdown_has_the_button_too(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    page.click("#bloc-2 [data-form=markdown]")
    page.fill(AREA, "Cher , bonjour")
    press(page, "Home", *["ArrowRight"] * 5)
    page.click(BUTTON)
    page.fill("#champ-defaut", "ami")
    press(page, "Enter")
    expect(page.locator(AREA)).to_be_focused()
    expect(page.locator(AREA)).to_have_value("Cher {{ first_name | ami }}, bonjour")
    page.context.close()


def test_a_copied_chip_is_a_chip_where_it_is_pasted(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED, permissions=["clipboard-read", "clipboard-write"])
    emptied(page)
    page.keyboard.type("{{first_name|a}} et ")
    press(page, "Control+a", "Control+c", "End", "Control+v")
    expect(page.locator(CHIP)).to_have_count(2)
    expect(page.locator(AREA)).to_have_value("{{first_name|a}} et {{first_name|a}} et")
    page.focus("#b2-title")
    press(page, "Control+a", "Control+v")
    expect(page.locator("#b2-title")).to_have_value("{{first_name|a}} et ")
    page.context.close()
