"""The page of a reader without an account, in Debian's chromium: light, dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.web.conftest import Desk

pytestmark = pytest.mark.browser


def test_a_reader_comments_and_approves_without_a_script(desk: Desk, browser: Browser) -> None:
    link = desk.mailer.reviews.make_link("flash/2026-06-11", by="anne@reseau.example", may_approve=True)
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(desk.mailer.reviews.url(link))
    assert page.frame_locator("iframe").locator("h1").inner_text() == "Flash hebdo"
    page.fill("#r-name", "Jeanne Martin")
    page.select_option("#r-block", index=2)
    page.fill("#r-text", "La date est-elle la bonne ?")
    page.click("text=Envoyer la remarque")
    assert "Votre remarque est enregistrée" in page.inner_text("[role=status]")
    assert page.input_value("#d-name") == "Jeanne Martin"
    page.click("text=J’approuve")
    expect(page.locator("main")).to_contain_text("Jeanne Martin a approuvé cette version")
    assert context.cookies() == []
    context.close()


def test_the_page_of_a_reader_has_no_violation(desk: Desk, browser: Browser) -> None:
    link = desk.mailer.reviews.make_link("flash/2026-06-11", by="anne@reseau.example", may_approve=True)
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.goto(desk.mailer.reviews.url(link))
    for width, scheme in ((1440, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert refused == []
    page.close()
