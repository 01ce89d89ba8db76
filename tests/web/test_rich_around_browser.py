"""In Debian's chromium: around the texts that are written as they will look: their tools, and the blocks that hold them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.web.conftest import Desk
from tests.web.test_composing_browser import REF, open_page, press
from tests.web.test_rich_browser import AREA, EDITOR, OPENED, emptied, written

pytestmark = pytest.mark.browser


def test_the_tools_are_reached_by_arrows_and_say_what_is_on(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    page.keyboard.type("mot")
    press(page, "Control+a", "Shift+Tab")
    bold = page.locator("#bloc-2 [data-mark=bold]")
    expect(bold).to_be_focused()
    expect(bold).to_have_attribute("aria-pressed", "false")
    press(page, "ArrowLeft")
    expect(page.locator("#bloc-2 [data-form=markdown]")).to_be_focused()
    press(page, "ArrowRight", "Enter")
    expect(page.locator(EDITOR)).to_be_focused()
    expect(bold).to_have_attribute("aria-pressed", "true")
    expect(page.locator(AREA)).to_have_value("**mot**")
    page.context.close()


def test_in_a_list_the_tabulator_changes_the_level_and_behind_escape_it_leaves(
    desk: Desk, browser: Browser
) -> None:
    page = open_page(desk, browser, OPENED)
    editor = emptied(page)
    expect(editor).to_have_accessible_description(re.compile("Échap, puis Tab, quitte le texte"))
    page.keyboard.type("Texte")
    press(page, "Enter")
    page.click("#bloc-2 [data-mark=list]")
    page.keyboard.type("un")
    # Nothing to hang it on: it stays where it is.
    press(page, "Tab", "Enter")
    page.keyboard.type("deux")
    press(page, "Tab", "Enter")
    page.keyboard.type("trois")
    press(page, "Tab", "Enter", "Shift+Tab")
    page.keyboard.type("quatre")
    expect(page.locator(AREA)).to_have_value("Texte\n\n- un\n  - deux\n    - trois\n  - quatre")
    mail = page.frame_locator("[data-frame]:not(.is-coming)")
    expect(mail.locator("ul ul ul li")).to_have_text("trois")
    press(page, "Shift+Tab", "Shift+Tab")
    expect(page.locator(AREA)).to_have_value("Texte\n\n- un\n  - deux\n    - trois\n\nquatre")
    expect(editor).to_be_focused()
    press(page, "Shift+Tab")
    expect(page.locator("#bloc-2 [data-mark=bold]")).to_be_focused()
    # Escape is forgotten with the next click.
    press(page, "Tab", "Escape")
    page.locator(f"{EDITOR} li li").first.click()
    press(page, "Tab")
    expect(editor).to_be_focused()
    press(page, "Escape", "Shift+Tab")
    expect(page.locator("#bloc-2 [data-mark=bold]")).to_be_focused()
    press(page, "Tab", "Escape", "Tab")
    expect(editor).not_to_be_focused()
    expect(page.locator(AREA)).to_have_value("Texte\n\n- un\n  - deux\n    - trois\n\nquatre")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_a_block_moves_from_inside_its_text_and_the_caret_stays(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=3")
    page.focus("#b3-text-r")
    press(page, "Control+End", "Alt+ArrowUp")
    expect(page.locator("[data-announce]")).to_have_text("Bloc déplacé en position 2 sur 10.")
    expect(page.locator(EDITOR)).to_be_focused()
    press(page, "Control+Home", "ArrowRight")
    written(desk, lambda file: file.replace('preheader: "', 'preheader: "Vu : '))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#preheader")).to_have_value(
        "Vu : " + page.input_value("#preheader").removeprefix("Vu : ")
    )
    expect(page.locator("#lettre")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type("x")
    expect(page.locator(AREA)).to_have_value(
        "T" + "x" + page.input_value(AREA).replace("x", "", 1).removeprefix("T")
    )
    page.context.close()


def test_the_bar_of_a_block_keeps_the_focus_when_somebody_else_writes(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    page.locator("#bloc-3 summary").focus()
    written(desk, lambda file: file.replace('preheader: "', 'preheader: "Vu : '))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#preheader")).to_have_value(re.compile("^Vu : "))
    expect(page.locator("#bloc-3 summary")).to_be_focused()
    page.context.close()


def test_a_block_dragged_over_a_text_is_not_dropped_into_it(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    before = page.input_value(AREA)
    page.locator("#bloc-4 [data-grip]").scroll_into_view_if_needed()
    page.locator("#bloc-4 [data-grip]").drag_to(page.locator(f"{EDITOR} p").first)
    expect(page.locator("[data-announce]")).to_contain_text("Bloc déplacé")
    assert before in [
        area.input_value() for area in page.locator("[data-text=article\\.text] textarea").all()
    ]
    page.context.close()


def test_the_bar_of_a_block_shows_its_words_without_signs(desk: Desk, browser: Browser) -> None:
    written(
        desk,
        lambda file: file.replace(
            "Le premier lot",
            "{{ first_name | Vous }}, le **premier** [lot](https://reseau.example/\\(a\\)) de {{organisation}}",
        ),
    )
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=7")
    words = page.locator("#bloc-7 .block__sum")
    expect(words).to_contain_text("Vous, le premier lot de … réservé a changé")
    page.focus("#b7-text-r")
    page.keyboard.type(" Oui, 2 * 3 : ")
    press(page, "Control+a", "Control+i")
    expect(page.locator("#b7-text")).to_have_value(
        re.compile(r"^\*\{\{ first_name .*le \*\*premier.* Oui, 2 \* 3\u00a0:\*$")
    )
    expect(words).to_have_text(re.compile(r"^Vous, le premier lot de … réservé a changé [^*\\]* Oui, 2 3 :$"))
    page.context.close()
