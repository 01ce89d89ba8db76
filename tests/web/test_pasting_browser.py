"""In Debian's chromium: whatever is pasted into whatever field is saved, and only what nobody sees is lost."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from mailer.workspace.document import first_control
from tests.web.conftest import Desk
from tests.web.test_composing_bad_input import paste
from tests.web.test_composing_browser import REF, open_page, press, text_of

pytestmark = pytest.mark.browser
#: Two lists in lists, as a browser and as Word write them, and words in quotes with what nobody sees.
LISTS = """<ul><li>un<ul><li>un.un<ol><li>un.un.un</li><li>un.un.deux</li></ol></li><li>un.deux</li></ul></li><li><p>deux</p></li></ul>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.<span> </span></span>Budget</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span> </span></span>recettes</p>
<p class=MsoListParagraph style='mso-list:l0 level3 lfo1'><span style='mso-list:Ignore'>§<span> </span></span>dons</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span> </span></span>dépenses</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.<span> </span></span>Vote</p>
<p>« Un&#x200d; mot », “deux”,\x07 l’autre\x0b: tr\u00adois\ufeff.</p>"""
NESTED = """- un
  - un.un
    1. un.un.un
    2. un.un.deux
  - un.deux
- deux

1. Budget
   - recettes
     - dons
   - dépenses
2. Vote

«\u00a0Un\u200d mot\u00a0», “deux”, l’autre\u00a0: tr\u00adois."""
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF)]
#: Invisible as well, and part of the text: soft hyphen, zero-width space, joiner and non-joiner, word joiner.
KEPT = "a\u00adb\u200bc\u200dd\u200ce\u2060f « g »“h”’i – 👩\u200d🌾"
HOSTILE = "".join(f"{control}{KEPT}" for control in CONTROLS)
#: Of the shipped letter: one line, the second kind of line, an address, a text.
FIELDS = ("subject", "preheader", "b2-title", "b2-alt", "b2-label")


def pasted(page: Page, selector: str, text: str) -> None:
    """From the clipboard, in the place of what the field holds."""
    page.focus(selector)
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    press(page, "Control+a", "Control+v")


def opened(desk: Desk, browser: Browser) -> Page:
    return open_page(
        desk,
        browser,
        f"/lettres/{REF}/ecrire?ouvert=2",
        permissions=["clipboard-read", "clipboard-write"],
    )


def told(text: str) -> str:
    """What is read of it: blanks of all kinds are one."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("field", FIELDS)
def test_a_line_loses_its_controls_and_nothing_else(desk: Desk, browser: Browser, field: str) -> None:
    page = opened(desk, browser)
    # A line holds a thousand characters: the controls one after the other, the rest once.
    line = KEPT + "".join(f"{control}x" for control in CONTROLS)
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        pasted(page, f"#{field}", line)
    assert saved.value.json()["refused"] == []
    page.reload()
    found = page.input_value(f"#{field}")
    assert told(found) == told(KEPT + "x" * len(CONTROLS))
    assert first_control(text_of(desk, REF).replace("\n", "")) == ""
    page.context.close()


@pytest.mark.parametrize("form", ["rich", "markdown"])
def test_a_text_loses_its_controls_and_nothing_else(desk: Desk, browser: Browser, form: str) -> None:
    page = opened(desk, browser)
    page.click(f"#bloc-2 [data-form={form}]")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        pasted(page, "#b2-text-r" if form == "rich" else "#b2-text", HOSTILE)
    assert saved.value.json()["refused"] == []
    page.reload()
    found = page.input_value("#b2-text")
    assert told(found) == told(KEPT * len(CONTROLS))
    assert first_control(found.replace("\n", "")) == ""
    expect(page.locator("#b2-text-r")).to_have_count(1 if form == "rich" else 0)
    page.context.close()


def test_an_address_pasted_with_a_break_behind_it_is_an_address(desk: Desk, browser: Browser) -> None:
    page = opened(desk, browser)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        pasted(page, "#b2-link", "\ufeffhttps://reseau.example/appel\v\n")
    page.reload()
    expect(page.locator("#b2-link")).to_have_value("https://reseau.example/appel")
    page.context.close()


@pytest.mark.parametrize("form", ["rich", "markdown"])
def test_lists_in_lists_stay_lists_in_lists(desk: Desk, browser: Browser, form: str) -> None:
    page = opened(desk, browser)
    page.click(f"#bloc-2 [data-form={form}]")
    editor = "#b2-text-r" if form == "rich" else "#b2-text"
    page.focus(editor)
    press(page, "Control+a")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        paste(page, editor, LISTS)
    page.reload()
    found = page.input_value("#b2-text")
    blanks = re.compile(" +(?=[-\\d])")
    meant = NESTED if form == "rich" else NESTED.replace("\u00a0", " ")
    assert blanks.sub(" ", found) == blanks.sub(" ", meant)
    mail = page.frame_locator("[data-frame]:not(.is-coming)")
    expect(mail.locator("ul ul ol li")).to_have_text(["un.un.un", "un.un.deux"])
    expect(mail.locator("ol > li > ul > li")).to_have_count(2)
    expect(mail.locator("ol ul ul li")).to_have_text("dons")
    page.context.close()
