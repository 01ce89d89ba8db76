"""The public pages in Debian's chromium, as the whole application serves them."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from mailer.tokens import Purpose
from tests.tracking.ledger import Ledger
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser
ALIX = "alix@ville.example"


@pytest.fixture
def paths(desk: Desk) -> list[str]:
    """Every page that a recipient may see, and a link that is not ours."""
    ledger = Ledger(desk.mailer.store, desk.mailer.signer, datetime(2026, 6, 11, 7, 0, tzinfo=UTC))
    contact = ledger.contact()
    ledger.subscribe(contact)
    delivery = ledger.deliver(
        ledger.send(html="<!DOCTYPE html><html lang=fr><title>L</title><main><h1>Bonjour"), contact
    )
    purposes = (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES, Purpose.VIEW)
    key = delivery.key.encode()
    return [*(desk.mailer.signer.url("", purpose, key) for purpose in purposes), "/u/forged"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_no_public_page_has_a_violation(
    desk: Desk, browser: Browser, paths: list[str], width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    for path in paths:
        page.goto(desk.url + path)
        found = (
            Axe().run(page) if "/v/" not in path else None
        )  # a sandboxed document runs no script, axe neither
        assert found is None or found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert refused == []
    assert context.cookies() == []
    context.close()


def test_leaving_and_coming_back_by_the_pages_alone(desk: Desk, browser: Browser, paths: list[str]) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(desk.url + paths[0])
    page.get_by_role("button").first.click()
    page.get_by_role("link").first.click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    assert page.get_by_role("checkbox", checked=True).count() == 0
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    page.get_by_role("button", name="Je refuse").click()
    expect(page.locator("body")).to_contain_text("vous refusez la mesure")
    page.close()
