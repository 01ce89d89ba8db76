"""Pages say what the installation knows, in French and in English."""

import re

import pytest
import requests

from mailer.model.ledger import SendState
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_send

LETTER = "/lettres/flash/2026-06-11"


def _text(page: str) -> str:
    """The words of a page, without marks and with plain spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _read(desk: Desk, path: str) -> str:
    answer = desk.browser().get(desk.url + path)
    assert answer.status_code == 200
    return _text(answer.text)


def test_the_week_lists_drafts_with_their_hour(desk: Desk) -> None:
    text = _read(desk, "/")
    assert "Cette semaine" in text
    assert "Flash hebdo n° 47" in text
    assert "Brouillon" in text


def test_the_week_shows_how_far_a_send_is(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    page = desk.browser().get(desk.url).text
    assert f'<progress class="progress" max="{PEOPLE}" value="{PEOPLE // 2}"' in page


def test_the_calendar_turns_to_other_months(desk: Desk) -> None:
    assert "Mai 2026" in _read(desk, "/?mois=2026-05")
    for strange in ("nonsense", "0001-01", "9999-12", "%00"):
        assert "Juin 2026" in _read(desk, f"/?mois={strange}")


def test_letters_are_searched(desk: Desk) -> None:
    every, some = _read(desk, "/lettres"), _read(desk, "/lettres?q=scic&campagne=flash")
    assert "Newsletter" in every
    assert "2026-06-11" not in some or "SCIC" in some
    assert "Aucune lettre ne correspond" in _read(desk, "/lettres?q=zzzz")


def test_letters_are_chosen_by_state(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SETTLING)
    session = desk.browser()
    running = session.get(f"{desk.url}/lettres?etat=sending").text
    drafts = session.get(f"{desk.url}/lettres?etat=draft").text
    assert f'href="{LETTER}"' in running
    assert f'href="{LETTER}"' not in drafts
    assert 'href="/lettres/newsletter/2026-06"' in drafts


def test_broken_files_are_listed_with_their_line(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/flash/2026-06-11.md"
    path.write_text(path.read_text("utf-8") + "\n::: nonsense\n:::\n", "utf-8")
    assert "2026-06-11.md" in _read(desk, "/lettres")


def test_the_preview_carries_its_pictures(desk: Desk) -> None:
    html = desk.browser().get(f"{desk.url}{LETTER}/apercu").text
    assert "data:image/png;base64," in html
    assert f"{desk.mailer.settings.base_url}/media/" not in re.sub(r'href="[^"]*"', "", html)


def test_the_preview_has_its_own_colours_whatever_the_system(desk: Desk) -> None:
    session = desk.browser()
    light = session.get(f"{desk.url}{LETTER}/apercu").text
    dark = session.get(f"{desk.url}{LETTER}/apercu?couleurs=sombre").text
    assert "@media not all" in light
    assert "@media all" in dark
    assert "prefers-color-scheme" not in light + dark


def test_a_letter_that_does_not_exist_is_404(desk: Desk) -> None:
    assert desk.browser().get(f"{desk.url}/lettres/flash/nothing").status_code == 404


def test_the_report_gives_rate_range_and_interval(desk: Desk) -> None:
    add_send(desk.mailer)
    text = _read(desk, "/resultats/flash/2026-06-11")
    assert "Taux d’ouverture" in text
    assert "Fourchette" in text
    assert "Intervalle dû au hasard (95 %)" in text.replace("\u00a0", " ")
    assert "7 clics" in text.replace("\u00a0", " ")
    assert "Refusés : adresse en erreur" in text.replace("\u00a0", " ")


def test_the_curve_has_a_title_a_description_and_its_data(desk: Desk) -> None:
    add_send(desk.mailer)
    page = desk.browser().get(f"{desk.url}/resultats/flash/2026-06-11").text
    assert '<title id="ch-t">' in page
    assert '<desc id="ch-d">' in page
    assert '<details class="data">' in page


def test_a_letter_never_sent_has_no_report(desk: Desk) -> None:
    assert desk.browser().get(f"{desk.url}/resultats/flash/2026-06-11").status_code == 404


def test_audiences_say_their_rule_and_their_count(desk: Desk) -> None:
    text = _read(desk, "/audiences")
    assert "destinataires aujourd’hui" in text
    assert "Adhérents seulement" in text


def test_settings_say_that_consent_is_not_settled_and_who_decided(desk: Desk) -> None:
    text = _read(desk, "/reglages")
    assert "n’est pas tranché" in text
    assert "Décision de la présidente du réseau" in text


def test_help_explains_every_state_that_a_letter_can_have(desk: Desk) -> None:
    text = _read(desk, "/aide")
    assert all(pill_word in text for pill_word in ("Brouillon", "Programmé", "Suspendu", "Manqué", "Retenu"))


def test_a_stranger_is_greeted_in_the_language_of_the_browser(desk: Desk) -> None:
    def language(**headers: str) -> str:
        page = requests.get(f"{desk.url}/connexion", headers=headers).text
        return page.partition('lang="')[2][:2]

    assert language(**{"Accept-Language": "en-GB,en;q=0.9"}) == "en"
    assert language(**{"Accept-Language": "de"}) == "fr"
    assert language(**{"Accept-Language": "en", "Cookie": "language=fr"}) == "fr"


def test_an_error_speaks_the_language_of_its_user(desk: Desk) -> None:
    page = desk.browser().get(f"{desk.url}/lettres/flash/nothing", headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in page.text


def test_english_is_a_choice_that_lasts(desk: Desk) -> None:
    session = desk.browser()
    assert desk.post(session, "/reglages/langue", language="en").status_code == 303
    assert '<html lang="en">' in session.get(desk.url).text
    assert "This week" in session.get(desk.url).text


@pytest.mark.parametrize(("chosen", "mark"), [("dark", 'data-theme="dark"'), ("", "<html")])
def test_the_colours_are_remembered(desk: Desk, chosen: str, mark: str) -> None:
    session = desk.browser()
    desk.post(session, "/reglages/theme", theme=chosen)
    page = session.get(desk.url).text
    assert mark in page
    assert bool(chosen) is ("data-theme" in page)


def test_what_files_say_is_escaped(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    path.write_text(path.read_text("utf-8").replace("Flash hebdo", "<b>Flash</b>"), "utf-8")
    page = desk.browser().get(f"{desk.url}/lettres").text
    assert "<b>Flash</b>" not in page
    assert "&lt;b&gt;Flash&lt;/b&gt;" in page
