"""In Debian's chromium: a letter is dragged to another day, and an approval at stake is answered by keyboard."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mailer.model.accounts import Role
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser
HOUR = "2026-06-11 10:00"


def _drag(page: Page, ref: str, day: str) -> None:
    page.drag_and_drop(
        f'[data-move="/calendrier/deplacer/{ref}"] .ev',
        f'[data-day="{day}"]',
        target_position={"x": 60, "y": 12},
    )
    page.wait_for_load_state()


def test_letters_are_dragged_and_what_it_costs_is_asked(desk: Desk, browser: Browser) -> None:
    desk.mailer.departures.approve("flash/2026-06-11", by="anne@reseau.example", at=HOUR)
    desk.mailer.departures.schedule("flash/2026-06-11", by="anne@reseau.example", at=HOUR)
    session = desk.browser(Role.SENDER)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.add_cookies([{"name": "relais", "value": session.cookies["relais"], "url": desk.url}])
    page = context.new_page()
    page.goto(f"{desk.url}/calendrier?mois=2026-06")
    _drag(page, "newsletter/2026-06", "2026-06-16")
    page.wait_for_selector('[data-day="2026-06-16"] [data-move="/calendrier/deplacer/newsletter/2026-06"]')
    assert "est déplacée au mardi 16 juin 2026 à 10" in page.inner_text("[role=status]")
    _drag(page, "flash/2026-06-11", "2026-06-17")
    page.wait_for_selector("input[name=confirmed]")
    assert desk.mailer.status("flash/2026-06-11")[0].state == "scheduled"
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.activeElement.name") == "confirmed"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-day="2026-06-17"] .ev--draft')
    assert "Son approbation ne vaut plus" in page.inner_text("[role=status]")
    context.close()


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    """The calendar of June, as a writer sees it on the eleventh."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 1000})
    secret = desk.browser(Role.WRITER).cookies["relais"]
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    found = context.new_page()
    found.goto(f"{desk.url}/calendrier?mois=2026-06")
    yield found
    context.close()


def test_a_letter_is_moved_by_keyboard_alone(page: Page) -> None:
    move = page.locator('[data-day="2026-06-09"] .mv')
    expect(move).to_have_accessible_name(re.compile("^Déplacer\\u00a0: La Newsletter"))
    # From the letter the next stop of the tabulator is its "Move".
    page.locator('[data-day="2026-06-09"] .ev').focus()
    page.keyboard.press("Tab")
    expect(move).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calendrier/deplacer/newsletter/2026-06")
    expect(page.get_by_label("Jour", exact=True)).to_be_focused()
    page.get_by_label("Jour", exact=True).fill("2026-06-25")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("mois=2026-06&fait=dated"))
    expect(page.locator('[data-day="2026-06-25"] .mv')).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("est déplacée au jeudi 25 juin 2026")


def test_a_drag_that_is_given_up_or_ends_where_it_began_moves_nothing(desk: Desk, page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    letter = page.locator('[data-move="/calendrier/deplacer/newsletter/2026-06"]')
    for end in ("Escape", "outside", "same day"):
        box = letter.locator(".ev").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 8)
        page.mouse.down()
        other = page.locator('[data-day="2026-06-17"]')
        # A drag begins with the first movement, and the second one is the first over the day.
        other.hover()
        other.hover()
        expect(other).to_have_class(re.compile("is-target"))
        if end == "Escape":
            page.keyboard.press("Escape")
        else:
            place = "h1" if end == "outside" else '[data-day="2026-06-09"] .d'
            page.locator(place).hover()
            page.locator(place).hover()
        page.mouse.up()
        expect(page.locator(".is-target, .is-drag")).to_have_count(0)
    assert sent == []
    assert letter.locator("xpath=ancestor::td").get_attribute("data-day") == "2026-06-09"


def test_a_letter_that_is_dragged_to_a_day_gone_by_stays_and_says_why(desk: Desk, page: Page) -> None:
    _drag(page, "newsletter/2026-06", "2026-06-03")
    page.wait_for_url("**/deplacer/newsletter/2026-06")
    expect(page.get_by_role("alert")).to_be_visible()
    issue = desk.mailer.find("newsletter/2026-06")[2]
    assert f"{issue.send_at:%Y-%m-%d}" == "2026-06-09"
