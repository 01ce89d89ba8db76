"""In Debian's chromium: texts are written as they will look, and what nobody touched stays as it was."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import Desk
from tests.web.test_composing_bad_input import NUMBERED, WORD, paste
from tests.web.test_composing_browser import REF, kept, open_page, press, text_of

pytestmark = pytest.mark.browser

#: The article of the shipped letter, and its text as it is written.
OPENED = f"/lettres/{REF}/ecrire?ouvert=2"
AREA, EDITOR = "#b2-text", "#b2-text-r"


def written(desk: Desk, change: Callable[[str], str]) -> None:
    """The file of the letter, changed by somebody else's hand."""
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    path.write_text(change(path.read_text("utf-8")), "utf-8")


def saving(page: Page) -> AbstractContextManager[object]:
    """Around a key: leaves when the server has answered its save."""
    return page.expect_response(lambda answer: answer.request.method == "POST")


def emptied(page: Page) -> Locator:
    """The text with nothing in it, and the caret there."""
    page.focus(EDITOR)
    press(page, "Control+a", "Delete")
    expect(page.locator(AREA)).to_have_value("")
    return page.locator(EDITOR)


def test_a_text_is_written_without_a_sign_saved_seen_and_found_again(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    page.on("pageerror", lambda error: refused.append(str(error)))
    editor = emptied(page)
    page.keyboard.type("Bonjour {{ first_name | vous }}, un mot ")
    press(page, "Control+b")
    page.keyboard.type("important")
    press(page, "Control+b")
    page.keyboard.type(" et ")
    press(page, "Control+i")
    page.keyboard.type("penché")
    press(page, "Control+i")
    page.keyboard.type(" !")
    press(page, "Enter")
    page.click("#bloc-2 [data-mark=list]")
    page.keyboard.type("un")
    press(page, "Enter")
    page.keyboard.type("deux")
    press(page, "Enter", "Enter")
    page.click("#bloc-2 [data-mark=numbers]")
    page.keyboard.type("premier_point")
    text = (
        "Bonjour {{ first_name | vous }}, un mot **important** et *penché*\u00a0!\n\n"
        "- un\n- deux\n\n1. premier_point"
    )
    expect(page.locator(AREA)).to_have_value(text)
    assert "*" not in editor.inner_text()
    mail = page.frame_locator("[data-frame]:not(.is-coming)")
    expect(mail.locator("strong", has_text="important")).to_be_visible()
    expect(mail.locator("ol li", has_text="premier_point")).to_be_visible()
    assert text in text_of(desk, REF)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.reload()
    expect(page.locator(f"{EDITOR} strong")).to_have_text("important")
    expect(page.locator(f"{EDITOR} .merge")).to_have_text("prénom")
    assert refused == []
    page.context.close()


def test_a_link_is_asked_for_and_leads_to_pages_and_people_only(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    page.keyboard.type("Voir ici")
    press(page, "Control+Shift+ArrowLeft", "Control+k")
    dialog = page.locator("#lien")
    expect(page.locator("#lien-adresse")).to_be_focused()
    for wrong in ("javascript:alert(1)", "http://reseau.example", "reseau.example", "mailto:anne"):
        page.fill("#lien-adresse", wrong)
        press(page, "Enter")
        expect(page.locator("#lien-adresse-m")).to_be_visible()
        expect(page.locator("#lien-adresse")).to_be_focused()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.fill("#lien-adresse", "https://reseau.example/a_b?x=1&y=(2)")
    press(page, "Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type(" et là")
    link = "[ici](https://reseau.example/a_b?x=1&y=\\(2\\))"
    expect(page.locator(AREA)).to_have_value(f"Voir {link} et là")
    press(page, "Control+k")
    page.fill("#lien-mots", "écrire")
    page.fill("#lien-adresse", "mailto:anne@reseau.example")
    press(page, "Enter")
    both = f"Voir {link} et là[écrire](mailto:anne@reseau.example)"
    expect(page.locator(AREA)).to_have_value(both)
    page.click(f"{EDITOR} a >> nth=0")
    press(page, "Control+k")
    expect(page.locator("#lien-adresse")).to_have_value("https://reseau.example/a_b?x=1&y=(2)")
    press(page, "Escape")
    expect(page.locator(EDITOR)).to_be_focused()
    expect(page.locator(AREA)).to_have_value(both)
    page.click("#bloc-2 [data-mark=link]")
    page.click("text=Retirer le lien")
    expect(page.locator(AREA)).to_have_value(both.replace(link, "ici"))
    page.context.close()


def test_a_change_from_elsewhere_waits_until_the_link_is_placed(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    with saving(page):
        emptied(page)
    press(page, "Control+k")
    written(desk, lambda file: file.replace('preheader: "', 'preheader: "Vu : '))
    page.evaluate("dispatchEvent(new Event('focus'))")
    # Long enough for the page to be renewed under the dialog, were it not open.
    page.wait_for_timeout(4_000)
    page.fill("#lien-mots", "Lire")
    page.fill("#lien-adresse", "https://reseau.example")
    press(page, "Enter")
    expect(page.locator(AREA)).to_have_value("[Lire](https://reseau.example)")
    expect(page.locator("#preheader")).to_have_value(re.compile("^Vu : "), timeout=10_000)
    expect(page.locator(EDITOR)).to_have_text("Lire")
    page.context.close()


def test_what_nobody_touched_stays_byte_for_byte(desk: Desk, browser: Browser) -> None:
    text = "* étoile\n* étoile\n\n\nUn\nparagraphe __gras__,\u00a0et *l’autre*\\\nligne."
    written(desk, lambda file: file.replace("Commerces vacants", f"{text}\n\nCommerces vacants"))
    before = text_of(desk, REF)
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=1,2,3,4,5,6,7,8,9,10")
    expect(page.locator("[role=textbox]")).to_have_count(8)
    for editor in page.locator("[role=textbox]").all():
        editor.focus()
        press(page, "Control+a", "ArrowRight", "Control+b", "Control+b")
    with saving(page):
        page.fill("#preheader", "Autre chose")
    changed = re.sub('preheader: ".*"', 'preheader: "Autre chose"', before)
    assert text_of(desk, REF) == changed
    # What is typed and taken back was not touched either.
    page.focus(EDITOR)
    with saving(page):
        page.keyboard.type("x")
    assert text_of(desk, REF) != changed
    with saving(page):
        press(page, "Control+z")
    with saving(page):
        page.fill("#preheader", "Encore autre chose")
    assert text_of(desk, REF) == changed.replace("Autre chose", "Encore autre chose")
    page.context.close()


def test_what_is_pasted_keeps_only_what_a_text_may_hold(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    paste(page, EDITOR, WORD)
    expect(page.locator(AREA)).to_have_value(
        "**Un titre** et *un mot* puis [un lien](https://reseau.example/a), **gras** & maigre.\n\n"
        "- premier\n- second\n\npas un lien * 2"
    )
    emptied(page)
    paste(page, EDITOR, NUMBERED)
    expect(page.locator(AREA)).to_have_value(
        "Ordre du jour\n\n2. Budget\n3. Foncier\n\n- Divers\n\n3. Vote\n   - Avis"
    )
    emptied(page)
    paste(
        page,
        EDITOR,
        "<table><tr><td>Un</td><td style='color:red'>deux<br>trois<br></td></tr></table><p><b>quatre<br></b>cinq</p><img src=x> ?",
    )
    expect(page.locator(AREA)).to_have_value("Un\n\ndeux\\\ntrois\n\n**quatre**\\\ncinq\n\n?")
    page.context.close()


def test_what_cannot_be_shown_stays_markdown_and_says_so(desk: Desk, browser: Browser) -> None:
    written(desk, lambda file: file.replace("**douze territoires**", "`douze territoires`"))
    before = text_of(desk, REF)
    page = open_page(desk, browser, OPENED)
    expect(page.locator(AREA)).to_be_visible()
    expect(page.locator("#bloc-2 [data-unshown]")).to_contain_text("rien n’en est perdu")
    page.click("#bloc-2 [data-form=rich]")
    expect(page.locator(EDITOR)).to_have_count(0)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert text_of(desk, REF) == before
    page.fill(AREA, "Un texte **simple**.")
    page.click("#bloc-2 [data-form=rich]")
    expect(page.locator(f"{EDITOR} strong")).to_have_text("simple")
    expect(page.locator("#bloc-2 [data-unshown]")).to_be_hidden()
    page.context.close()


def test_who_prefers_markdown_says_so_once(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2,4")
    page.focus(EDITOR)
    page.click("#bloc-2 [data-form=markdown]")
    expect(page.locator(AREA)).to_be_focused()
    press(page, "Control+a")
    page.keyboard.type("Un ")
    press(page, "Control+b")
    with saving(page):
        page.keyboard.type("mot")
    expect(page.locator(AREA)).to_have_value("Un **mot**")
    page.goto(f"{desk.url}/lettres/{REF}/ecrire?ouvert=2,4")
    expect(page.locator("#b4-text-r")).to_be_visible()
    expect(page.locator(EDITOR)).to_have_count(0)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.click("#bloc-2 [data-form=rich]")
    expect(page.locator(f"{EDITOR} strong")).to_have_text("mot")
    assert "article" not in kept(page)
    page.context.close()


def test_the_text_has_the_words_and_the_faults_of_its_field(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    editor = page.get_by_role("textbox", name="Texte", exact=True)
    expect(editor).to_have_id("b2-text-r")
    expect(editor).to_have_attribute("aria-multiline", "true")
    expect(editor).to_have_attribute("lang", "fr")
    expect(page.locator("#bloc-2 [role=toolbar]")).to_have_attribute("aria-controls", "b2-text-r")
    emptied(page)
    page.keyboard.type("Le {{ prenom }} [à compléter]")
    entry = page.locator('[data-go="b2-text"]')
    expect(entry.first).to_be_visible()
    expect(editor).to_have_attribute("aria-invalid", "true")
    expect(editor).to_have_accessible_description(
        re.compile(re.escape(page.locator("#b2-text-m").inner_text()))
    )
    page.focus("#b2-title")
    entry.first.click()
    expect(editor).to_be_focused()
    page.click("label[for=b2-title]")
    page.click("label[for=b2-text]")
    expect(editor).to_be_focused()
    emptied(page)
    page.keyboard.type("Le mot")
    expect(entry).to_have_count(0)
    expect(editor).not_to_have_attribute("aria-invalid", "true")
    page.context.close()


def test_french_blanks_are_set_while_writing_and_stay(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED)
    emptied(page)
    page.keyboard.type("Vraiment ? « Oui » : 10 %")
    expect(page.locator(AREA)).to_have_value("Vraiment\u00a0? «\u00a0Oui\u00a0»\u00a0: 10\u00a0%")
    page.context.close()


def test_without_a_script_the_text_is_a_field_of_the_form(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, OPENED, java_script_enabled=False)
    page.fill(AREA, "Sans **script**.")
    page.click("button[data-plain]")
    expect(page.locator(AREA)).to_have_value("Sans **script**.")
    assert "Sans **script**." in text_of(desk, REF)
    page.context.close()
