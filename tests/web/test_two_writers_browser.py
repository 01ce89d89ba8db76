"""In Debian's chromium: two people with one letter open see each other, and what one writes reaches the other."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from mailer.app.presence import PATIENCE
from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.test_composing_browser import REF, text_of

pytestmark = pytest.mark.browser
OTHERS = "[data-others]"
PATIENCE_SECONDS = 30


def opened_by(desk: Desk, browser: Browser, role: Role) -> Page:
    """The letter in a browser of their own."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900})
    secret = str(desk.browser(role).cookies.get("relais"))
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    page = context.new_page()
    page.goto(f"{desk.url}/lettres/{REF}/ecrire?ouvert=2,4")
    expect(page.locator("#b2-text-r")).to_be_visible()
    return page


@pytest.fixture
def pages(desk: Desk, browser: Browser) -> Iterator[tuple[Page, Page]]:
    """The writer was here first."""
    found = opened_by(desk, browser, Role.WRITER), opened_by(desk, browser, Role.APPROVER)
    yield found
    for page in found:
        page.context.close()


def until_saved(desk: Desk, page: Page, words: str) -> None:
    """What stands in the bar may be of an earlier save."""
    until = time.monotonic() + PATIENCE_SECONDS
    while words not in text_of(desk, REF):
        assert time.monotonic() < until, text_of(desk, REF)
        page.wait_for_timeout(50)
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")


def look(page: Page) -> None:
    """As somebody does who comes back to the window: the page asks at once."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_each_sees_the_name_of_the_other_until_they_leave(desk: Desk, pages: tuple[Page, Page]) -> None:
    first, second = pages
    expect(second.locator(OTHERS)).to_have_text("Cette lettre est aussi ouverte par writer.")
    expect(first.locator(OTHERS)).to_be_hidden()
    look(first)
    expect(first.locator(OTHERS)).to_have_text("Cette lettre est aussi ouverte par approver.")
    second.goto("about:blank")
    desk.clock.advance(PATIENCE + timedelta(seconds=1))
    look(first)
    expect(first.locator(OTHERS)).to_be_hidden()


def test_what_one_saves_comes_into_the_page_of_the_other_and_both_are_kept(
    desk: Desk, pages: tuple[Page, Page]
) -> None:
    first, second = pages
    first.fill("#b2-title", "Le titre du premier")
    until_saved(desk, first, "# Le titre du premier\n")
    look(second)
    expect(second.locator("#b2-title")).to_have_value("Le titre du premier")
    second.fill("#b4-title", "Le titre de la seconde")
    until_saved(desk, second, "# Le titre de la seconde\n")
    look(first)
    expect(first.locator("#b4-title")).to_have_value("Le titre de la seconde")
    expect(first.locator("#b2-title")).to_have_value("Le titre du premier")
    text = text_of(desk, REF)
    assert "# Le titre du premier\n" in text
    assert "# Le titre de la seconde\n" in text


def test_both_write_at_once_and_nothing_of_either_is_lost(desk: Desk, pages: tuple[Page, Page]) -> None:
    first, second = pages
    first.fill("#b2-title", "Le titre du premier")
    second.fill("#b4-title", "Le titre de la seconde")
    until_saved(desk, first, "# Le titre du premier\n")
    until_saved(desk, second, "# Le titre de la seconde\n")
    for page in pages:
        look(page)
        expect(page.locator("#b2-title")).to_have_value("Le titre du premier")
        expect(page.locator("#b4-title")).to_have_value("Le titre de la seconde")
        expect(page.locator("[data-trouble]")).to_be_hidden()
        # Whoever was the first to save hears of the other at the next look.
        look(first)
    text = text_of(desk, REF)
    assert "# Le titre du premier\n" in text
    assert "# Le titre de la seconde\n" in text
