"""In Debian's chromium: what people put into the composer by mistake is kept, mended or refused with a sentence."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mailer.store import by_hand, contacts
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.test_composing_browser import REF, open_page, text_of

pytestmark = pytest.mark.browser
WORD = """<html><body><!--StartFragment-->
<p class=MsoNormal><b>Un titre</b> et <i>un mot </i>puis <a href="https://reseau.example/a">un lien</a>,
<span style="font-weight:700">gras</span> &amp; <span style="font-weight:400">maigre</span>.<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>premier</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>second</p>
<p><a href="javascript:alert(1)">pas un lien</a> * 2<script>1</script></p>
<!--EndFragment--></body></html>"""

NUMBERED = """<p>Ordre du jour</p><ol start="2"><li>Budget</li><li>Foncier</li></ol><ul><li>Divers</li></ul>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>3)<span>&nbsp; </span></span>Vote</p>
<p class=MsoListParagraph style='mso-list:l1 level2 lfo2'><span style='mso-list:Ignore'>3.1.<span>&nbsp; </span></span>Avis</p>"""


def paste(page: Page, selector: str, html: str) -> None:
    page.focus(selector)
    page.evaluate(
        """([selector, html]) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.querySelector(selector).dispatchEvent(paste);
        }""",
        [selector, html],
    )


def test_a_picture_of_50_mb_is_refused_beside_its_field_and_nothing_is_sent(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    large = tmp_path / "photo.jpg"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.set_input_files("[name='b2.image.file']", large)
    expect(page.locator("#b2-image-m")).to_contain_text("12 Mo")
    assert sent == []
    # The letter goes on being saved.
    page.fill("#subject", "Après la photo")
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    assert 'subject: "Après la photo"' in text_of(desk, REF)
    page.context.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", b"<!doctype html><script>1</script>"),
        ("dessin.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    ],
)
def test_what_only_calls_itself_a_picture_is_refused_beside_its_field(
    desk: Desk, browser: Browser, name: str, content: bytes
) -> None:
    before = text_of(desk, REF)
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.set_input_files("[name='b2.image.file']", file)  # type: ignore[arg-type]  # a FilePayload
    expect(page.locator("#b2-image-m")).to_contain_text("n’est pas une image")
    assert text_of(desk, REF) == before
    page.context.close()


def test_a_picture_is_sent_made_smaller_and_said_to_be_decorative(desk: Desk, browser: Browser) -> None:
    written = BytesIO()
    Image.new("RGB", (3000, 1500), "teal").save(written, "JPEG")
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=3")
    file = {"name": "Été.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}
    page.set_input_files("[name='b3.image.file']", file)  # type: ignore[arg-type]  # a FilePayload
    expect(page.locator("#b3-image")).to_have_value("media/ete.jpg")
    with Image.open(desk.mailer.settings.workspace / "campaigns/flash/media/ete.jpg") as kept:
        assert kept.size == (1088, 544)
    expect(page.locator("[data-go=b3-alt]")).to_have_count(1)
    page.check("[name='b3.alt.decorative'][type=checkbox]")
    expect(page.locator("[data-go=b3-alt]")).to_have_count(0)
    assert 'image="media/ete.jpg" alt=""' in text_of(desk, REF)
    page.context.close()


def test_text_from_word_keeps_bold_italics_links_and_lists_as_markdown_and_nothing_else(
    desk: Desk, browser: Browser
) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    page.click("#bloc-2 [data-form=markdown]")
    page.fill("#b2-text", "")
    paste(page, "#b2-text", WORD)
    expect(page.locator("#b2-text")).to_have_value(
        "**Un titre** et *un mot* puis [un lien](https://reseau.example/a), **gras** & maigre.\n\n"
        "- premier\n- second\n\npas un lien \\* 2"
    )
    mail = page.frame_locator("[data-frame]:not(.is-coming)")
    expect(mail.get_by_text("second")).to_be_visible()
    written = text_of(desk, REF)
    assert "- premier\n- second" in written
    page.context.close()


def test_a_numbered_list_keeps_its_numbers_as_markdown(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    page.click("#bloc-2 [data-form=markdown]")
    page.fill("#b2-text", "")
    paste(page, "#b2-text", NUMBERED)
    expect(page.locator("#b2-text")).to_have_value(
        "Ordre du jour\n\n2. Budget\n3. Foncier\n\n- Divers\n\n3. Vote\n   - Avis"
    )
    page.context.close()


def test_braces_in_a_name_are_shown_as_they_are(desk: Desk, browser: Browser) -> None:
    with desk.mailer.store.write() as tx:
        who = {"language": "fr", "source": "test", "organisation": "", "on": NOW.date(), "at": NOW}
        contact_id = contacts.find_or_create(tx, "x@commune.example", **who)  # type: ignore[arg-type]  # one of each
        by_hand.update(tx, contact_id, at=NOW, first_name="{{ 7*7 }}")
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire")
    page.fill("#pour", "x@commune.example")
    page.click("[data-show]")
    page.fill("#subject", "Bonjour {{ first_name | vous }}")
    expect(page.locator("[data-mirror=subject]")).to_have_text("Bonjour {{ 7*7 }}")
    page.context.close()


def test_undo_and_redo_in_the_page(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    first = page.input_value("#b2-title")
    page.fill("#b2-title", "Autre")
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    page.click("[data-undo]")
    expect(page.locator("#b2-title")).to_have_value(first)
    page.click("[data-redo]")
    expect(page.locator("#b2-title")).to_have_value("Autre")
    page.context.close()
