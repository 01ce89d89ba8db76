"""The calendar says what leaves when, who is away, and which letters meet; moving says before and after what it costs."""

import re
from pathlib import Path

import pytest

from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.data import add_send
from tests.web.people import add_people

FLASH = "flash/2026-06-11"
MOVE = f"/calendrier/deplacer/{FLASH}"
HOUR = "2026-06-11 10:00"


def _text(page: str) -> str:
    """The words of a page, without marks and with plain spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _read(desk: Desk, path: str, role: Role = Role.ADMINISTRATOR) -> str:
    answer = desk.browser(role).get(desk.url + path)
    assert answer.status_code == 200
    return _text(answer.text)


def _cell(desk: Desk, day: str, path: str = "/calendrier?mois=2026-06") -> str:
    page = desk.browser().get(desk.url + path).text
    found = re.search(rf'<td data-day="{day}".*?</td>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_month_shows_drafts_and_what_left_with_their_state(desk: Desk) -> None:
    add_send(desk.mailer, at=HOUR)
    assert "Envoyé" in _text(_cell(desk, "2026-06-11"))
    draft = _text(_cell(desk, "2026-06-09"))
    assert "10 h La Newsletter n° 64" in draft
    assert "Brouillon" in draft


def test_other_months_are_one_click_away(desk: Desk) -> None:
    page = desk.browser().get(f"{desk.url}/calendrier?mois=2026-12").text
    assert 'href="/calendrier?mois=2026-11"' in page
    assert 'href="/calendrier?mois=2027-01"' in page
    assert "Juin 2026" in _read(desk, "/calendrier?mois=nonsense")


def test_holidays_are_named(desk: Desk) -> None:
    july = _text(_cell(desk, "2026-07-14", "/calendrier?mois=2026-07"))
    assert "Fête nationale" in july
    assert "Vacances scolaires" in july
    assert "Vacances zone A" in _text(_cell(desk, "2026-02-09", "/calendrier?mois=2026-02"))


def test_unknown_school_holidays_are_said_and_never_shown_as_none(desk: Desk) -> None:
    assert "peut y en avoir" in _read(desk, "/calendrier?mois=2027-10")
    assert "peut y en avoir" not in _read(desk, "/calendrier?mois=2026-10")
    assert "ne sont pas connues" in _read(desk, f"{MOVE}?jour=2028-02-10")


def test_a_school_year_that_the_workspace_adds_is_shown_and_its_mistakes_are_said(desk: Desk) -> None:
    file = desk.mailer.settings.workspace / "school_holidays.toml"
    written = 'known_until = 2028-07-31\n[[holidays]]\nname = "Hiver"\nA = { first = 2028-02-12, last = 2028-02-27 }\n'
    file.write_text(written, "utf-8")
    assert "Vacances zone A" in _text(_cell(desk, "2028-02-15", "/calendrier?mois=2028-02"))
    assert "peut y en avoir" not in _read(desk, "/calendrier?mois=2027-10")
    file.write_text(written.replace("A =", "D ="), "utf-8")
    page = _read(desk, "/calendrier?mois=2027-10")
    assert "Ces vacances ne peuvent pas être lues" in page
    assert "peut y en avoir" in page
    assert "bad-value" in [each.code for each in desk.mailer.check()]


def test_a_planned_day_without_a_letter_leads_to_a_copy_of_the_frame(desk: Desk) -> None:
    cell = _cell(desk, "2026-06-18")
    assert "Flash hebdo : à préparer" in _text(cell).replace("\u00a0", " ")
    href = re.search(r'class="ev ev--slot" href="([^"]+)"', cell)
    assert href is not None
    page = desk.browser().get(desk.url + href[1].replace("&amp;", "&")).text
    assert '<option value="flash/cadre" selected>' in page
    assert 'value="2026-06-18"' in page


def test_two_letters_of_one_day_to_the_same_people_are_told(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    assert "recevrait" not in _text(_cell(desk, "2026-06-11"))
    desk.mailer.moves.move("newsletter/2026-06", by="claude", at="2026-06-11 12:00")
    assert "1 personne recevrait deux lettres" in _text(_cell(desk, "2026-06-11")).replace("\u00a0", " ")
    text = _read(desk, "/calendrier").replace("\u00a0", " ")
    assert "Flash hebdo n° 47 et La Newsletter n° 64 : 1 personne recevrait les deux." in text


def test_a_move_leads_back_to_the_calendar_and_says_so(desk: Desk) -> None:
    session = desk.browser()
    answer = desk.post(session, MOVE, day="2026-07-02", hour="09:00")
    assert answer.status_code == 303
    text = _text(session.get(desk.url + answer.headers["Location"]).text)
    assert "est déplacée au jeudi 2 juillet 2026 à 9" in text
    assert "C’est un brouillon" in text


def test_an_approval_at_stake_is_shown_before_and_after(desk: Desk) -> None:
    desk.mailer.departures.approve(FLASH, by="anne@reseau.example", at=HOUR)
    desk.mailer.departures.schedule(FLASH, by="anne@reseau.example", at=HOUR)
    session = desk.browser()
    assert "anne@reseau.example l’a approuvée pour" in _text(session.get(desk.url + MOVE).text)
    asked = desk.post(session, MOVE, day="2026-07-02", hour="09:00")
    assert asked.status_code == 409
    assert 'name="confirmed"' in asked.text
    assert desk.mailer.status(FLASH)[0].state == "scheduled"
    done = desk.post(session, MOVE, day="2026-07-02", hour="09:00", confirmed="yes")
    text = _text(session.get(desk.url + done.headers["Location"]).text)
    assert "Son approbation ne vaut plus, donc rien ne part" in text


def test_a_scheduled_letter_is_moved_by_who_may_schedule(desk: Desk) -> None:
    desk.mailer.departures.schedule(FLASH, by="claude", at=HOUR)
    writer, sender = desk.browser(Role.WRITER), desk.browser(Role.SENDER)
    assert MOVE not in writer.get(f"{desk.url}/calendrier?mois=2026-06").text
    assert desk.post(writer, MOVE, day="2026-07-02", hour="09:00").status_code == 403
    assert desk.post(sender, MOVE, day="2026-07-02", hour="09:00").status_code == 303
    assert desk.mailer.status(FLASH)[0].state == "scheduled"


@pytest.mark.parametrize(
    ("day", "hour", "status"),
    [("2026-06-10", "09:00", 409), ("2026-02-30", "09:00", 422), ("", "", 422), ("2027-03-28", "02:30", 422)],
)
def test_an_impossible_hour_keeps_what_was_typed(desk: Desk, day: str, hour: str, status: int) -> None:
    answer = desk.post(desk.browser(), MOVE, day=day, hour=hour)
    assert answer.status_code == status
    assert f'value="{day}"' in answer.text
    assert 'role="alert"' in answer.text


def test_what_left_cannot_be_moved_and_says_why(desk: Desk) -> None:
    add_send(desk.mailer, at=HOUR)
    assert "ne peut pas être déplacée" in _read(desk, MOVE)
    assert desk.post(desk.browser(), MOVE, day="2026-07-02", hour="09:00").status_code == 409
    assert MOVE not in _cell(desk, "2026-06-11")


def test_the_week_leads_to_the_calendar_and_names_the_next_planned_day(desk: Desk) -> None:
    text = _read(desk, "/").replace("\u00a0", " ")
    assert "Ouvrir le calendrier" in text
    assert "Jeu. 18 juin" in text
    assert "Jour prévu" in text


def test_a_planned_day_is_to_do_when_its_hour_is_near(desk: Desk) -> None:
    desk.mailer.moves.move(FLASH, by="claude", at="2026-06-25 09:00")
    path = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    planned = path.read_text("utf-8")
    path.write_text(planned.replace('"thursday"', '"sunday"'), "utf-8")
    assert "pas encore de lettre" not in _read(desk, "/")
    path.write_text(planned.replace('"thursday"', '"saturday"'), "utf-8")
    assert "Flash hebdo : pas encore de lettre" in _read(desk, "/").replace("\u00a0", " ")


def test_the_frame_is_written_and_leads_back_to_the_letters(desk: Desk) -> None:
    assert 'href="/lettres/flash/cadre/ecrire"' in desk.browser().get(f"{desk.url}/lettres").text
    assert "Ceci est le cadre" in _read(desk, "/lettres/flash/cadre/ecrire")
    base = desk.mailer.composer.version("flash/cadre")
    answer = desk.post(desk.browser(), "/lettres/flash/cadre/ecrire", base=base, act="lettre")
    assert answer.headers["Location"] == "/lettres"


def test_letters_are_found_by_words_of_their_text_whatever_the_accents(desk: Desk) -> None:
    page = desk.browser().get(f"{desk.url}/lettres?q=regie+convention").text
    assert 'href="/lettres/flash/2026-05-28"' in page
    assert 'href="/lettres/flash/2026-06-11"' not in page


def test_letters_are_found_by_year(desk: Desk) -> None:
    assert 'href="/lettres/flash/2026-06-11"' in desk.browser().get(f"{desk.url}/lettres?annee=2026").text
    assert "Aucune lettre ne correspond" in _read(desk, "/lettres?annee=2025")


def test_a_long_list_has_pages_that_keep_the_search(desk: Desk) -> None:
    folder = desk.mailer.settings.workspace / "campaigns/mailing"
    for number in range(60):
        text = f'---\nsubject: "Essai {number}"\nsend_at: 2025-01-{number % 28 + 1:02} 09:00\n---\n'
        (folder / f"essai-{number}.md").write_text(text, "utf-8")
    session = desk.browser()
    first = session.get(f"{desk.url}/lettres?q=essai&annee=2025").text
    link = 'href="/lettres?q=essai&amp;annee=2025&amp;p=2"'
    assert first.count('<th scope="row">') == 50
    assert link in first
    second = session.get(f"{desk.url}/lettres?q=essai&annee=2025&p=2").text
    assert second.count('<th scope="row">') == 10
    assert session.get(f"{desk.url}/lettres?p=99999999999999").status_code == 200
