"""In Debian's chromium: a whole flash from an empty page to the mailbox, by keyboard alone, and once by mouse.

Three mistakes are planted; the panel stops the letter, its entries lead to the fields, and only a mended letter leaves.
"""

from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from mailer.model.accounts import Role
from tests.gates import check_message
from tests.web.conftest import Desk
from tests.web.people import add_people

pytestmark = pytest.mark.browser

TITLE = "Douze territoires pour le foncier solidaire"
MENDED = ("b1-link", "b1-alt", "b2-text")


class Officer:
    """Somebody at the desk whose only tool is the keyboard."""

    def __init__(self, desk: Desk, browser: Browser, role: Role) -> None:
        context = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900})
        secret = str(desk.browser(role).cookies.get("relais"))
        context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
        self.desk, self.page = desk, context.new_page()

    def opens(self, path: str) -> Page:
        self.page.goto(self.desk.url + path)
        return self.page

    def reaches(self, selector: str) -> None:
        """By the tabulator, as far as it takes; what cannot be reached so fails."""
        for _ in range(150):
            if self.page.evaluate("what => document.activeElement?.matches(what) ?? false", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by the tabulator")

    def types(self, selector: str, text: str) -> None:
        self.reaches(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def presses(self, selector: str, key: str = "Enter") -> None:
        self.reaches(selector)
        self.page.keyboard.press(key)

    def chooses(self, selector: str, word: str) -> None:
        self.reaches(selector)
        self.page.keyboard.type(word)

    def adds(self, kind: str, number: int) -> None:
        self.presses("#ajouter")
        self.presses(f'[data-add="{kind}"]')
        expect(self.page.locator(f"#bloc-{number}")).to_be_visible()

    def leaves(self) -> None:
        self.page.context.close()


class Pointing(Officer):
    """The same with a mouse; words are typed all the same."""

    def reaches(self, selector: str) -> None:
        self.page.click(selector)

    def presses(self, selector: str, key: str = "Enter") -> None:
        self.page.click(selector)

    def chooses(self, selector: str, word: str) -> None:
        choices = self.page.locator(f"{selector} option").all_inner_texts()
        self.page.select_option(selector, label=next(each for each in choices if each.startswith(word)))

    def types(self, selector: str, text: str) -> None:
        if self.page.get_attribute(selector, "type") in {"date", "time"}:
            self.page.focus(selector)
            self.page.keyboard.type(text)
        else:
            super().types(selector, text)


def planted(writer: Officer) -> None:
    """A letter of two blocks with a link without a scheme, a picture that says nothing, and an unknown slot."""
    page = writer.opens("/nouvelle-lettre?campagne=flash")
    writer.types("#subject", "Foncier solidaire : douze territoires accompagnés")
    writer.types("#day", "06182026")  # the order and the hours of this browser's own language
    writer.types("#hour", "0900AM")
    writer.presses("form.card button[type=submit]")
    page.wait_for_url("**/ecrire?fait=created")
    writer.types("#preheader", "L’appel à projets, et la réunion du 18 juin")
    writer.adds("article", 1)
    expect(page.locator("#b1-title")).to_be_focused()
    page.keyboard.type(TITLE)
    writer.types("#b1-text-r", "Commerces vacants, friches : **douze territoires** seront accompagnés.")
    writer.types("#b1-link", "reseau.example/appels/foncier")
    writer.types("#b1-label", "Lire l’appel à projets")
    writer.chooses("#b1-image", "village")
    writer.adds("text", 2)
    writer.types("#b2-text-r", "Bonne semaine, {{ prenom }}.")


def mended(writer: Officer) -> None:
    """Each from its entry in the panel."""
    page = writer.page
    expect(page.locator("[data-checks]")).to_have_attribute("data-blocking", "3")
    for field in MENDED:
        entry = f'[data-go="{field}"]'
        writer.presses(entry)
        written = {"b2-text": "#b2-text-r"}.get(field, f"#{field}")
        expect(page.locator(written)).to_be_focused()
        expect(page.locator(written)).to_have_attribute("aria-invalid", "true")
        text = {
            "b1-link": "https://reseau.example/appels/foncier",
            "b1-alt": "Place de village et trois bâtiments",
            "b2-text": "Bonne semaine, {{ first_name | chère collègue, cher collègue }}.",
        }[field]
        writer.types(written, text)
        expect(page.locator(entry)).to_have_count(0)
    expect(page.locator("[data-checks]")).to_have_attribute("data-blocking", "0")


def mailbox(desk: Desk) -> list[EmailMessage]:
    raw = [path.read_bytes() for path in Path(desk.mailer.settings.workspace).rglob("maildir/new/*")]
    assert [check_message(each) for each in raw] == [[]] * len(raw)
    return [cast(EmailMessage, BytesParser(policy=policy.default).parsebytes(each)) for each in raw]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("hand", [Officer, pytest.param(Pointing, marks=pytest.mark.long)])
def test_a_whole_flash_from_nothing_to_the_mailbox(
    desk: Desk, browser: Browser, tmp_path: Path, hand: type[Officer]
) -> None:
    add_people(desk.mailer, tmp_path)
    writer = hand(desk, browser, Role.WRITER)
    planted(writer)
    ref = writer.page.url.split("/lettres/")[1].split("/ecrire")[0]
    sender = hand(desk, browser, Role.SENDER)
    stopped = sender.opens(f"/lettres/{ref}")
    sender.presses('button[formaction$="/programmer"]')
    expect(stopped.get_by_role("alert")).to_be_visible()
    mended(writer)
    writer.leaves()

    approver = hand(desk, browser, Role.APPROVER)
    page = approver.opens(f"/lettres/{ref}")
    approver.presses('form[action$="/approuver"] button[type=submit]')
    expect(page.get_by_role("status").first).to_be_visible()
    approver.leaves()
    page = sender.opens(f"/lettres/{ref}")
    sender.presses('button[formaction$="/programmer"]')
    expect(page.locator(f'[data-pill="{ref}"]').first).to_have_text("Programmé")
    sender.leaves()

    desk.mailer.run_due()
    assert mailbox(desk) == []
    desk.clock.advance(timedelta(days=7, minutes=1))
    desk.mailer.run_due()
    mails = mailbox(desk)
    assert [str(mail["to"]) for mail in mails] == ["Anne Aude <anne@martigues.example>"]
    body = mails[0].get_body(("plain",))
    assert body is not None
    assert TITLE in body.get_content()
    assert "Bonne semaine, Anne." in body.get_content()
