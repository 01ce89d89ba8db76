"""In Debian's chromium: a letter is written from nothing by keyboard alone, and nothing typed is lost."""

import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from mailer.model.accounts import Role
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser
REF = "flash/2026-06-11"


def open_page(desk: Desk, browser: Browser, path: str, **options: object) -> Page:
    """A page of somebody who is logged in already."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
    log_in(desk, context)
    page = context.new_page()
    page.goto(desk.url + path)
    return page


def log_in(desk: Desk, context: BrowserContext) -> None:
    secret = str(desk.browser(Role.WRITER).cookies.get("relais"))
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def kept(page: Page) -> str:
    """Everything that this browser keeps of letters."""
    return str(page.evaluate("Object.values(localStorage).join('\\n')"))


def text_of(desk: Desk, ref: str) -> str:
    return (desk.mailer.settings.workspace / f"campaigns/{ref}.md").read_text("utf-8")


def test_a_small_letter_is_written_by_keyboard_and_a_planted_mistake_is_mended(
    desk: Desk, browser: Browser
) -> None:
    page = open_page(desk, browser, "/nouvelle-lettre?campagne=flash")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.focus("#subject")
    page.keyboard.type("Une lettre courte")
    press(page, "Enter")
    page.wait_for_url("**/ecrire?fait=created")
    mail = page.frame_locator("[data-frame]:not(.is-coming)")

    page.focus("#ajouter")
    press(page, "Enter", "Tab", "Enter")  # the menu opens; its first block type is the article
    expect(page.locator("#b1-title")).to_be_focused()
    page.keyboard.type("Le premier titre")
    page.focus("#b1-text")
    page.keyboard.type("Un texte ")
    press(page, "Control+b")
    page.keyboard.type("important")
    expect(mail.get_by_text("important")).to_be_visible()
    expect(mail.get_by_text("Le premier titre")).to_be_visible()

    page.focus("#b1-link")
    page.keyboard.type("reseau.example/appel")
    entry = page.locator('[data-go="b1-link"]')
    expect(entry).to_be_visible()
    entry.focus()
    press(page, "Enter")
    expect(page.locator("#b1-link")).to_be_focused()
    expect(page.locator("#b1-link")).to_have_attribute("aria-invalid", "true")
    press(page, "Home")
    page.keyboard.type("https://")
    expect(entry).to_have_count(0)
    expect(page.locator("#b1-link")).not_to_have_attribute("aria-invalid", "true")

    assert Axe().run(page).violations_count == 0
    assert refused == []
    written = text_of(desk, page.url.split("/lettres/")[1].split("/ecrire")[0])
    assert (
        '::: article {link="https://reseau.example/appel"}\n# Le premier titre\nUn texte **important**\n'
        in written
    )
    page.context.close()


def test_blocks_move_by_keyboard_and_by_dragging_and_the_place_is_said(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=3")
    page.focus("#b3-title")
    press(page, "Alt+ArrowUp")
    expect(page.locator("[data-announce]")).to_have_text("Bloc déplacé en position 2 sur 10.")
    expect(page.locator("#b2-title")).to_be_focused()
    assert page.input_value("#b2-title") == "Une cuisine centrale passe en coopérative"
    page.locator("#bloc-5 [data-grip]").scroll_into_view_if_needed()
    grip, target = page.locator("#bloc-5 [data-grip]").bounding_box(), page.locator("#bloc-3").bounding_box()
    assert grip is not None
    assert target is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, grip["y"] - 10, steps=2)
    page.mouse.move(target["x"] + 200, target["y"] + 10, steps=4)
    page.mouse.up()
    expect(page.locator("[data-announce]")).to_have_text("Bloc déplacé en position 3 sur 10.")
    page.context.close()


def test_while_the_server_is_away_what_is_typed_is_kept_and_tried_again(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire")
    page.clock.install()
    page.context.set_offline(True)
    page.fill("#subject", "Écrit sans réseau")
    page.clock.run_for(1_000)
    expect(page.locator("[data-saved]")).to_have_text("Non enregistré, nouvel essai…")
    assert "Écrit sans réseau" in kept(page)
    page.context.set_offline(False)
    page.clock.run_for(5_000)
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    assert 'subject: "Écrit sans réseau"' in text_of(desk, REF)
    assert kept(page) == ""

    # Typed while an answer is on its way that refuses another field, and sent all the same.
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.fetch = async (...all) => {
                const answer = await real(...all);
                if (all[1]?.method !== "POST") return answer;
                window.fetch = real;
                const field = document.getElementById("preheader");
                field.value = "Entre-temps";
                field.dispatchEvent(new Event("input", { bubbles: true }));
                // The pause after this key ends before the answer is read.
                return new Promise((done) => setTimeout(done, 500, answer));
            };
        }"""
    )
    before = page.input_value("[name=base]")
    page.fill("#subject", "x" * 2_000)
    expect(page.locator("#subject")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=base]")).not_to_have_value(before)
    assert 'preheader: "Entre-temps"' in text_of(desk, REF)
    page.context.close()


def test_an_edit_in_a_text_editor_appears_in_the_open_page_and_the_caret_stays(
    desk: Desk, browser: Browser
) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    page.fill("#b2-title", "Le mien")
    page.evaluate("document.getElementById('b2-title').setSelectionRange(3, 3)")
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    text = path.read_text("utf-8").replace("::: section", "::: text\nAvant tout\n:::\n\n::: section", 1)
    path.write_text(text.replace('preheader: "', 'preheader: "Vu : '), "utf-8")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#b3-title")).to_have_value("Le mien", timeout=10_000)
    expect(page.locator("#b3-title")).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == 3
    assert page.input_value("#preheader").startswith("Vu :")
    page.keyboard.type("x")
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    expect(page.locator("[name=base]")).to_have_value(desk.mailer.composer.version(REF))
    assert "# Le xmien" in text_of(desk, REF)
    assert "Avant tout" in text_of(desk, REF)
    page.context.close()


def test_whoever_types_while_the_page_is_renewed_goes_on_undisturbed(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The first renewal waits; whatever else is sent goes on."""
        is_renewal = (
            route.request.method == "POST" and "json" not in route.request.headers["accept"] and not held
        )
        if is_renewal:
            held.append(route)
        else:
            route.continue_()

    page.route("**/ecrire", hold)
    page.focus("#b2-title")
    longer = page.input_value("#b2-title") + " et moi"
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    path.write_text(path.read_text("utf-8").replace('preheader: "', 'preheader: "Vu : '), "utf-8")
    with page.expect_request(
        lambda sent: sent.method == "POST" and "json" not in sent.headers["accept"]
    ) as renewal:
        page.evaluate("dispatchEvent(new Event('focus'))")
    press(page, "End")
    page.keyboard.type(" et moi")
    expect(page.locator("#b2-title")).to_have_value(longer)
    held[0].continue_()
    renewal.value.response()
    expect(page.locator("#preheader")).to_have_value(re.compile("^Vu :"), timeout=10_000)
    expect(page.locator("#b2-title")).to_have_value(longer)
    expect(page.locator("#b2-title")).to_be_focused()
    assert f"# {longer}" in text_of(desk, REF)
    page.context.close()


def test_a_renewal_leaves_the_focus_on_the_button_above(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire")
    page.focus("[data-redo]")
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    path.write_text(path.read_text("utf-8").replace('preheader: "', 'preheader: "Vu : '), "utf-8")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#preheader")).to_have_value(re.compile("^Vu :"), timeout=10_000)
    expect(page.locator("[data-redo]")).to_be_focused()
    page.context.close()


def test_the_same_passage_changed_by_two_is_chosen_side_by_side(desk: Desk, browser: Browser) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire?ouvert=2")
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    text = path.read_text("utf-8").replace("number: 47", "number: 48")
    path.write_text(text.replace("# Foncier solidaire", "# Le leur"), "utf-8")
    page.fill("#b2-title", "Le mien")
    page.click("text=Choisir ce qui reste")
    expect(page.locator(".side-by--mine")).to_contain_text("Le [ici seulement : mien]")
    expect(page.locator(".side-by--theirs")).to_contain_text("Le [ici seulement : leur")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.focus("[name='choix.2'][value=mine]")
    press(page, "Space")
    page.click("text=Enregistrer ces choix")
    page.wait_for_url("**/ecrire?fait=merged")
    assert "# Le mien" in text_of(desk, REF)
    assert "number: 48" in text_of(desk, REF)
    assert kept(page) == ""
    page.context.close()


def test_a_remark_is_answered_at_its_block_and_an_approval_goes_with_the_next_key(
    desk: Desk, browser: Browser
) -> None:
    make_link = desk.mailer.reviews.make_link
    link = make_link(REF, by="anne@reseau.example", may_approve=True, at="2026-06-12 09:00")
    url = desk.mailer.reviews.url(link)
    requests.post(url, data={"act": "remark", "name": "Jeanne", "text": "La date est fausse.", "block": "3"})
    requests.post(url, data={"act": "approve", "name": "Jeanne"})
    page = open_page(desk, browser, "/")
    page.click("text=Aller au bloc 3")
    page.wait_for_url("**/ecrire*")  # with its scripts: before, the button would send the form itself
    expect(page.locator("#bloc-3 .remark")).to_contain_text("La date est fausse.")
    expect(page.locator(".topbar [data-review-pill]")).to_contain_text("Approuvée")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator("#bloc-3 .remark button").focus()
    press(page, "Enter")
    expect(page.locator("#bloc-3 .remark")).to_have_count(0)
    expect(page.locator("[data-announce]")).to_have_text("La remarque est marquée comme traitée.")
    expect(page.locator("#bloc-3 summary")).to_be_focused()
    expect(page.locator(".topbar [data-review-pill]")).to_contain_text("Approuvée")
    page.fill("#b3-title", "Un titre de plus")
    expect(page.locator(".topbar [data-review-pill]")).to_contain_text("À relire")
    page.click("text=Faire relire")
    page.wait_for_url("**/ecrire/relire")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_what_is_typed_after_the_session_has_ended_is_kept_and_leaving_is_warned_of(
    desk: Desk, browser: Browser
) -> None:
    page = open_page(desk, browser, f"/lettres/{REF}/ecrire")
    page.context.clear_cookies()
    page.fill("#subject", "La session est finie")
    expect(page.locator("[data-trouble]")).to_contain_text("session")
    page.fill("#preheader", "Et ceci vient après")
    assert "Et ceci vient après" in kept(page)
    owner = page.get_attribute("#lettre", "data-user")
    assert page.evaluate("Object.keys(localStorage)[0]").startswith(f"relais:{owner}:{REF}:")
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.goto(desk.url + "/connexion")
    assert warned == ["beforeunload"]

    # Back again: the copy is offered, whatever is typed and saved beside it, until it is thrown away.
    log_in(desk, page.context)
    page.goto(f"{desk.url}/lettres/{REF}/ecrire")
    expect(page.locator("[data-trouble]")).to_contain_text("Le remettre dans le formulaire")
    page.fill("#subject", "Autre chose")
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    assert "La session est finie" in kept(page)
    page.click("text=Jeter")
    expect(page.locator("[data-trouble]")).to_be_hidden()
    assert kept(page) == ""
    page.context.close()
