"""In Debian's chromium: mails fit a narrow screen, and axe finds nothing in them, in light and in dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from mailer.model.workspace import Compiled
from tests.rendering.conftest import BASE_URL, Press

pytestmark = pytest.mark.browser
REFS = ("newsletter/2026-06", "flash/2026-06-11", "mailing/2026-06-02-journee-achats")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


def _show(page: Page, press: Press, compiled: Compiled, *, images: bool = True) -> None:
    def answer(route: Route) -> None:
        path = compiled.media.get(route.request.url.rsplit("/", 1)[-1])
        route.fulfill(path=path) if path and images else route.abort()

    page.route("**/*", answer)
    page.set_content(press.content(compiled).html)


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize("width", [320, 360, 640])
def test_a_mail_fits_the_screen(browser: Browser, press: Press, ref: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    _show(page, press, press.issue(ref))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, press: Press, ref: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    _show(page, press, press.issue(ref))
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_with_images_blocked_their_words_are_shown(browser: Browser, press: Press) -> None:
    page = browser.new_page()
    compiled = press.issue("flash/2026-06-11")
    _show(page, press, compiled, images=False)
    heights = page.eval_on_selector_all(
        "img", "found => found.map(each => each.getBoundingClientRect().height)"
    )
    assert heights
    assert all(14 <= height < 80 for height in heights)
    assert BASE_URL in press.content(compiled).html
    page.close()


def test_on_a_telephone_nothing_is_read_in_a_narrow_column(browser: Browser, press: Press) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    _show(page, press, press.issue("newsletter/2026-06"))
    widths = page.eval_on_selector_all(
        "div.rich, h1, h2, h3", "found => found.map(each => each.getBoundingClientRect().width)"
    )
    assert widths
    assert min(widths) > 200
    page.close()
