"""In Debian's chromium: no accessibility violation, no refused resource, no sideways scrolling."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.ledger import Delivery, SendState
from mailer.store import accounts, signups
from mailer.subscribing import Wish
from mailer.tokens import Purpose
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, Desk
from tests.web.data import add_send
from tests.web.people import add_people

pytestmark = pytest.mark.browser
ADDRESS = "claude@reseau.example"
PATHS = (
    "/",
    "/?mois=2026-09",
    "/?mois=2026-01",
    "/calendrier",
    "/calendrier/deplacer/newsletter/2026-06?jour=2026-07-14",
    "/lettres/flash/cadre/ecrire",
    "/lettres",
    "/lettres/flash/2026-06-11",
    "/lettres/flash/2026-06-11?vue=telephone",
    "/lettres/flash/2026-06-11?vue=sombre",
    "/lettres/flash/2026-06-11?vue=texte",
    "/lettres/mailing/2026-06-18-j-14",
    "/lettres/flash/2026-06-11/ecrire",
    "/lettres/newsletter/2026-06/ecrire?ouvert=1,2,3,4,5,6",
    "/lettres/newsletter/2026-06/ecrire/historique",
    "/lettres/flash/2026-06-04/ecrire/reprendre?de=flash/2026-05-28",
    "/nouvelle-lettre",
    "/resultats",
    "/resultats/flash/2026-06-11",
    "/resultats/flash/2026-06-11/personnes",
    "/resultats/flash",
    "/bilan/2026",
    "/bilan/2025",
    "/lettres/flash/2026-06-04?pour=inconnu",
    "/audiences",
    "/audiences/elus-petites-villes/regle",
    "/audiences/nouvelle/creer?copie=adherents",
    "/audiences/adherents/comparer?avec=abonnes",
    "/inscriptions",
    "/inscription",
    "/importer",
    "/personnes",
    "/organismes",
    "/organismes/1",
    "/audiences/adherents",
    "/audiences/abonnes/personnes",
    "/reglages",
    "/compte",
    "/compte/second-facteur",
    "/comptes",
    "/reglages/jetons",
    "/reglages/alertes",
    "/reglages/conservation",
    "/reglages/registre",
    "/personnes/fichiers",
    "/evenements",
    "/evenements/nouveau",
    "/evenements/mailing/acheter-responsable",
    "/api/v1/docs",
    "/archive/newsletter",
    "/confidentialite",
    "/connexion",
    "/aide",
    "/nowhere",
)
#: So many tests share the pages: each begins a desk of its own.
SHARES = 6
#: The narrowest first: what fits there is looked at again with more beside it.
WIDTHS = (320, 390, 1440)
#: What other colours can break, and nothing else does.
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
#: For a document that has axe already: half a megabyte that each look would have read again.
AXE = Axe(axe_script="null")


@pytest.fixture
def known(desk: Desk, password_hash: str) -> Desk:
    with desk.mailer.store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.ADMINISTRATOR, at=NOW)
        assert user.id is not None
        accounts.set_password(tx, user.id, password_hash=password_hash)
    return desk


def _enter(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.url}/connexion")
    page.fill("#address", ADDRESS)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{desk.url}/")


@pytest.mark.parametrize("share", range(SHARES))
def test_no_page_has_a_violation(known: Desk, browser: Browser, share: int) -> None:
    """At each width in light colours by every rule, then in dark ones by those about colours."""
    add_send(known.mailer, state=SendState.SENDING)
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    _enter(known, page)
    for path in PATHS[share::SHARES]:
        page.goto(known.url + path)
        page.evaluate(Axe().axe_script)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="light")
            found = AXE.run(page)
            assert found.violations_count == 0, f"{path} at {width}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.emulate_media(color_scheme="dark")
            found = AXE.run(page, options=COLOURS)
            assert found.violations_count == 0, f"{path} at {width}, dark: {found.generate_report()}"
    assert refused == []
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "dark")])
def test_no_page_of_a_person_has_a_violation(
    desk: Desk, browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    add_people(desk.mailer, tmp_path)
    send = add_send(desk.mailer, state=SendState.SENDING)
    key = desk.mailer.signer.delivery_key(send.id or 0, 1).encode()
    copies = table(Delivery)
    with desk.mailer.store.write() as tx:  # Anne's copy, whose number is hers
        tx.execute(copies.update().where(copies.c.contact_id == 1).values(address="anne@martigues.example"))
    desk.mailer.signups.ask(Wish("alix@ville.example", ("newsletter", "flash"), "fr"))
    with desk.mailer.store.read() as tx:
        (asked,) = signups.waiting(tx, at=NOW, limit=1)
    signed = {
        Purpose.CONFIRM: asked.key.encode(),
        **dict.fromkeys((Purpose.UNSUBSCRIBE, Purpose.PREFERENCES), key),
    }
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for purpose, payload in signed.items():
        page.goto(desk.mailer.signer.url(desk.url, purpose, payload))
        found = Axe().run(page)
        assert found.violations_count == 0, f"{purpose}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, purpose
    page.click("button[value=pause]")
    assert page.get_attribute("#until", "aria-invalid") == "true"
    assert Axe().run(page).violations_count == 0
    context.close()


def test_a_letter_is_scheduled_and_cancelled_without_a_script(known: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    _enter(known, page)
    page.goto(f"{known.url}/lettres/flash/2026-06-11")
    page.fill("input[name=day]", "2026-06-12")
    page.fill("input[name=hour]", "09:00")
    page.click("text=Programmer")
    assert "La lettre est programmée" in page.inner_text("[role=status]")
    page.click("text=Annuler le départ")
    assert "Le départ est annulé" in page.inner_text("[role=status]")
    context.close()


def test_the_remembered_colours_win_over_the_system(known: Desk, browser: Browser) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    _enter(known, page)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(f"{known.url}/reglages")
    page.select_option("#theme", "dark")
    page.click("form[action='/reglages/theme'] button")
    expect(page.locator("body")).not_to_have_css("background-color", light)
    context.close()


@pytest.mark.parametrize("path", ["/", "/lettres/flash/2026-06-04", "/reglages"])
def test_the_keyboard_alone_reaches_the_content_and_sees_where_it_is(
    known: Desk, browser: Browser, path: str
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    _enter(known, page)
    page.goto(known.url + path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def test_a_refused_form_begins_at_the_field_and_keeps_what_was_typed(known: Desk, browser: Browser) -> None:
    page = browser.new_page(locale="fr-FR")
    _enter(known, page)
    page.goto(f"{known.url}/lettres/flash/2026-06-04")
    page.fill("input[name=day]", "2026-06-01")
    page.fill("input[name=hour]", "08:15")
    page.click("text=Programmer")
    expect(page.locator("input[name=day]")).to_be_focused()
    assert (page.input_value("input[name=day]"), page.input_value("input[name=hour]")) == (
        "2026-06-01",
        "08:15",
    )
    assert Axe().run(page).violations_count == 0
    page.close()


def test_the_fixed_navigation_of_a_telephone_never_hides_what_has_the_focus(
    known: Desk, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 600}, locale="fr-FR")
    _enter(known, page)
    hidden = """() => {
        const nav = document.querySelector("header nav"), at = document.activeElement;
        return !nav.contains(at) && at !== document.body
            && at.getBoundingClientRect().bottom > nav.getBoundingClientRect().top;
    }"""
    for path in ("/", "/reglages"):
        page.goto(known.url + path)
        for _ in range(page.locator("a, button, input, select, [tabindex='0']").count()):
            page.keyboard.press("Tab")
            assert not page.evaluate(hidden), page.evaluate("document.activeElement.outerHTML")
    page.close()


def test_what_a_link_is_called_begins_with_what_it_shows(known: Desk, browser: Browser) -> None:
    """People who speak to their computer say what they see (WCAG 2.5.3)."""
    page = browser.new_page(locale="fr-FR")
    _enter(known, page)
    for link in page.locator("main a.btn[aria-label]:not(.group a)").all():
        assert (link.get_attribute("aria-label") or "").startswith(link.inner_text())
    page.close()


def test_the_year_prints_on_one_light_sheet_whatever_the_colours_of_the_desk(
    known: Desk, browser: Browser
) -> None:
    """Also with two series drawn month by month, letters on occasion and what was followed."""
    add_send(known.mailer)
    add_send(known.mailer, "newsletter/2026-06", tracking="anonymous", at="2026-06-12 10:00")
    add_send(known.mailer, "mailing/2026-06-12-info-flash", tracking="none", at="2026-06-13 10:00")
    with known.mailer.store.write() as tx:
        tx.exec_driver_sql(
            "UPDATE delivery SET measured = FALSE WHERE send_id IN (SELECT id FROM send WHERE tracking = 'none')"
        )
    page = browser.new_page(locale="fr-FR")
    _enter(known, page)
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": known.url}])
    page.goto(f"{known.url}/bilan/2026")
    assert page.locator(".figs > section").count() == 5
    assert page.locator("[data-print]").is_visible()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert not page.locator(".side").is_visible()
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.close()
