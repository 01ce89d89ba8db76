"""A letter on paper: dark on white whatever the screen is, columns side by side, no page cut through a line."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from mailer.rendering import Place, public_html
from tests.rendering.conftest import BASE_URL, Press

pytestmark = pytest.mark.browser
PLACE = Place(f"{BASE_URL}/archive/newsletter/2026-06", f"{BASE_URL}/feed", f"{BASE_URL}/archive/newsletter")
STYLE = "each => getComputedStyle(each).{}"


@pytest.fixture
def page(browser: Browser, press: Press) -> Iterator[Page]:
    """The letter in the archive, of a reader whose screen is dark."""
    compiled = press.issue("newsletter/2026-06")
    page = browser.new_page(viewport={"width": 680, "height": 800}, color_scheme="dark")
    page.route("**/*", lambda route: route.abort())
    page.set_content(
        public_html(
            subject=compiled.subject,
            html=compiled.html,
            links=compiled.links,
            language="fr",
            day=date(2026, 6, 9),
            place=PLACE,
            label="Toutes nos lettres",
        )
    )
    yield page
    page.close()


def test_words_are_dark_on_paper_and_light_on_a_dark_screen(page: Page) -> None:
    def brightness(selector: str) -> int:
        colour = page.locator(selector).first.evaluate(STYLE.format("color"))
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    selectors = ("h1.name", ".rich p", "h2.section", ".more a", ".button a", ".foot p")
    assert min(brightness(each) for each in selectors if each != ".button a") > 3 * 127
    page.emulate_media(media="print", color_scheme="dark")
    assert max(brightness(each) for each in selectors) < 3 * 127


def test_columns_stand_side_by_side(page: Page) -> None:
    page.emulate_media(media="print")
    tops = page.locator("p.figure").evaluate_all(
        "found => found.map(each => each.getBoundingClientRect().top)"
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1


def test_a_page_may_end_between_two_articles(page: Page) -> None:
    """An inline-block is never cut in two: what does not fit on a page would be cut through a line."""
    page.emulate_media(media="print")
    assert set(
        page.locator(".mj-column-per-100").evaluate_all(f"found => found.map({STYLE.format('display')})")
    ) == {"block"}


def test_the_way_back_is_for_screens(page: Page) -> None:
    assert page.locator(".archive-way").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".archive-way").is_visible()
