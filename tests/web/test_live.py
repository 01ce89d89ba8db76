"""In Debian's chromium: the part of a page that says how far a letter is renews itself and disturbs nobody."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from mailer.model.ledger import SendState
from mailer.store import sends
from tests.web.conftest import Desk
from tests.web.data import add_send, doubt

pytestmark = pytest.mark.browser
LETTER = "/lettres/flash/2026-06-11"
PART = f"**{LETTER}/envoi*"


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    """A logged-in page that waits a moment between two looks instead of five seconds."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900})
    secret = desk.browser().cookies["relais"]
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    page = context.new_page()
    # Before any script of the page: a deferred one has read its interval by the time the document is there.
    page.add_init_script(
        "const later = window.setTimeout; "
        "window.setTimeout = (act, wait, ...rest) => later(act, Math.min(wait, 50), ...rest);"
    )
    yield page
    context.close()


def _send(desk: Desk, state: SendState = SendState.SENDING) -> int:
    send = add_send(desk.mailer, state=state)
    assert send.id is not None
    return send.id


@pytest.mark.parametrize("path", ["/", LETTER, "/resultats/flash/2026-06-11"])
def test_numbers_renew_themselves_without_a_reload(desk: Desk, page: Page, path: str) -> None:
    send_id = _send(desk)
    page.goto(desk.url + path)
    page.evaluate("window.sameDocument = true")
    expect(page.locator("[data-live]")).to_contain_text("60 sur 120 traités")
    doubt(desk.mailer, send_id, 12, reason="deadline")
    expect(page.locator("[data-live]")).to_contain_text("72 sur 120 traités")
    assert page.locator("[data-live] progress").get_attribute("value") == "72"
    assert page.evaluate("window.sameDocument") is True
    assert Axe().run(page).violations_count == 0


def test_the_status_is_said_once_per_tenth(desk: Desk, page: Page) -> None:
    send_id = _send(desk)
    page.goto(desk.url + LETTER)
    doubt(desk.mailer, send_id, 3, reason="deadline")
    expect(page.locator("[data-live]")).to_contain_text("63 sur 120")
    expect(page.locator("[data-live-said]")).to_have_text("")
    doubt(desk.mailer, send_id, 9, reason="deadline")
    expect(page.locator("[data-live-said]")).to_contain_text("60\u00a0% traités")


def test_whoever_is_about_to_press_a_button_keeps_it(desk: Desk, page: Page) -> None:
    send_id = _send(desk)
    page.goto(desk.url + LETTER)
    page.locator("text=Suspendre").focus()
    page.evaluate("window.pressed = document.activeElement")
    doubt(desk.mailer, send_id, 3, reason="deadline")
    expect(page.locator("[data-live]")).to_contain_text("63 sur 120")
    assert page.evaluate("document.activeElement === window.pressed")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live]")).to_contain_text("Suspendu par administrator@reseau.example")


def test_a_new_state_brings_its_pills_and_its_buttons(desk: Desk, page: Page) -> None:
    _send(desk)
    page.goto(desk.url + LETTER)
    desk.mailer.running.pause("flash/2026-06-11", by="claude@reseau.example")
    expect(page.locator("[data-live] >> text=Reprendre")).to_be_visible()
    for pill in page.locator("[data-pill]").all():
        expect(pill).to_have_text("Suspendu")
    expect(page.locator("[data-live-said]")).to_contain_text("Suspendu")
    assert Axe().run(page).violations_count == 0


def test_a_letter_that_has_ended_is_asked_about_no_more(desk: Desk, page: Page) -> None:
    send_id = _send(desk)
    page.goto(desk.url + LETTER)
    with desk.mailer.store.write() as tx:
        sends.transition(tx, send_id, before=[SendState.SENDING], after=SendState.DONE)
    expect(page.locator("[data-live]")).to_have_count(0)
    expect(page.locator("[data-live-switch]")).to_be_hidden()
    expect(page.locator("[data-pill]").first).to_have_text("Envoyé")


def test_renewing_can_be_stopped_and_goes_on_when_asked(desk: Desk, page: Page) -> None:
    send_id = _send(desk)
    page.goto(desk.url + LETTER)
    page.click("text=Ne plus actualiser automatiquement")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    doubt(desk.mailer, send_id, 3, reason="deadline")
    page.wait_for_timeout(300)
    assert [url for url in asked if url.endswith("/envoi")] == []
    page.click("text=Actualiser toutes les 5 secondes")
    expect(page.locator("[data-live]")).to_contain_text("63 sur 120")


def test_a_server_that_does_not_answer_is_said_and_forgiven(desk: Desk, page: Page) -> None:
    send_id = _send(desk)
    page.route(PART, _refuse)
    page.goto(desk.url + LETTER)
    expect(page.locator("[data-live-lost]")).to_be_visible()
    expect(page.locator("[data-live]")).to_contain_text("60 sur 120")
    page.unroute(PART)
    doubt(desk.mailer, send_id, 3, reason="deadline")
    expect(page.locator("[data-live]")).to_contain_text("63 sur 120")
    expect(page.locator("[data-live-lost]")).to_be_hidden()


def test_a_session_that_is_over_shows_no_login_inside_the_page(desk: Desk, page: Page) -> None:
    _send(desk)
    page.goto(desk.url + LETTER)
    page.context.clear_cookies()
    expect(page.locator("[data-live-lost]")).to_be_visible()
    assert page.locator("input[type=password]").count() == 0


def _refuse(route: Route) -> None:
    route.fulfill(status=503, body="no")
