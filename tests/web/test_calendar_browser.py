"""In Debian's chromium: a letter is dragged to another day, and an approval at stake is answered by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

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
