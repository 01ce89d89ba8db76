"""Events at the desk: created, shown with their letters, moved, cancelled; and the calendar file for everybody."""

import re
from dataclasses import replace

import requests

from mailer.app.composing import Writing
from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.data import add_send

FORM = {
    "campaign": "mailing",
    "title": "Rencontre de l’eau",
    "day": "2026-09-17",
    "hour": "09:30",
    "end_hour": "16:00",
    "place": "Salle des fêtes",
}
EVENT = "/evenements/mailing/rencontre-de-l-eau"
SAVE_THE_DATE = "mailing/rencontre-de-l-eau-save-the-date"


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _create(desk: Desk, role: Role = Role.WRITER) -> requests.Session:
    session = desk.browser(role)
    answer = desk.post(session, "/evenements/nouveau", **FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{EVENT}?fait=create")
    return session


def test_one_form_makes_an_event_and_four_drafts(desk: Desk) -> None:
    session = _create(desk)
    page = _text(session.get(desk.url + EVENT).text)
    assert "Rencontre de l’eau : jeudi 17 septembre 2026, 9 h 30 à 16 h, Salle des fêtes" in page
    for said in ("Date à retenir", "Jeudi 6 août 2026 à 9 h 30", "J-14", "J-1", "Enregistrement"):
        assert said in page
    assert page.count("Brouillon") == 4
    assert "Rencontre de l’eau" in session.get(f"{desk.url}/evenements").text


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    answer = desk.post(session, "/evenements/nouveau", **{**FORM, "end_hour": "08:00"})
    assert answer.status_code == 422
    assert "finit avant d’avoir commencé" in answer.text
    assert 'value="Salle des fêtes"' in answer.text
    assert not (desk.mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml").exists()


def test_an_event_at_the_end_of_time_is_refused_and_no_page_goes_down(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    far = {**FORM, "day": "9999-12-30", "end_day": "9999-12-31"}
    answer = desk.post(session, "/evenements/nouveau", **far)
    assert (answer.status_code, "entre 1970 et 2099" in answer.text) == (422, True)
    assert [session.get(desk.url + page).status_code for page in ("/", "/evenements")] == [200, 200]


def test_moving_it_holds_what_is_planned_and_says_so(desk: Desk) -> None:
    session = _create(desk)
    desk.mailer.departures.schedule(SAVE_THE_DATE, by="test")
    answer = desk.post(
        session, f"{EVENT}/modifier", **{**FORM, "day": "2026-09-24", "base": _base(desk, session)}
    )
    assert answer.headers["Location"] == f"{EVENT}?fait=change"
    page = _text(session.get(f"{desk.url}{EVENT}?fait=change").text)
    assert "Son événement a été déplacé, annulé ou supprimé" in page
    assert "est retenu" in page
    assert "Son événement a été déplacé" in _text(session.get(desk.url).text)


def test_who_saves_second_takes_no_date_back_without_knowing(desk: Desk) -> None:
    session = _create(desk)
    base = _base(desk, session)
    desk.post(session, f"{EVENT}/modifier", **{**FORM, "day": "2026-09-24", "base": base})
    late = desk.post(session, f"{EVENT}/modifier", **{**FORM, "description": "Avec un atelier", "base": base})
    assert late.status_code == 422
    page = _text(late.text)
    assert "Quelqu’un a modifié events/rencontre-de-l-eau.toml" in page
    assert "jeudi 24 septembre 2026" in page
    assert "Avec un atelier" in late.text
    assert desk.mailer.events.find("mailing/rencontre-de-l-eau")[2].start.day == 24


def _base(desk: Desk, session: requests.Session) -> str:
    """The version of the event that the page was made from."""
    found = re.search(r'name="base" value="(\w+)"', session.get(desk.url + EVENT).text)
    assert found is not None
    return found[1]


def test_whoever_has_a_letter_is_told_of_the_cancellation(desk: Desk) -> None:
    session = _create(desk)
    add_send(desk.mailer, SAVE_THE_DATE)
    desk.post(session, f"{EVENT}/annuler")
    assert "dites-leur qu’il est annulé" in session.get(desk.url + EVENT).text
    assert "dites-leur qu’il est annulé" in session.get(desk.url).text
    answer = desk.post(session, f"{EVENT}/annoncer")
    assert answer.headers["Location"] == "/lettres/mailing/rencontre-de-l-eau-cancelled"
    assert "Annulé" in session.get(desk.url + answer.headers["Location"]).text


def test_whoever_only_reads_changes_nothing(desk: Desk) -> None:
    _create(desk)
    session = desk.browser(Role.READER)
    page = session.get(desk.url + EVENT).text
    assert "<form" not in page.partition("<main")[2]
    assert desk.post(session, f"{EVENT}/annuler").status_code == 403


def test_the_calendar_file_is_for_everybody_and_caches_keep_it(desk: Desk) -> None:
    _create(desk)
    url = desk.mailer.events.kit("mailing/rencontre-de-l-eau").calendar_url
    answer = requests.get(url)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    same = requests.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert requests.head(url).headers["ETag"] == answer.headers["ETag"]
    desk.mailer.events.change("mailing/rencontre-de-l-eau", {"cancelled": True}, by="test")
    later = requests.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert later.status_code == 200
    assert "STATUS:CANCELLED" in later.text
    assert requests.get(url.replace(".ics", "x.ics")).status_code == 404


def test_the_calendar_file_of_an_event_that_is_gone_is_a_404(desk: Desk) -> None:
    _create(desk)
    url = desk.mailer.events.kit("mailing/rencontre-de-l-eau").calendar_url
    (desk.mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml").unlink()
    assert requests.get(url).status_code == 404


def test_the_composer_shows_the_planned_hour_and_saves_what_refers_to_the_event(desk: Desk) -> None:
    session = _create(desk)
    path = f"/lettres/{SAVE_THE_DATE}/ecrire"
    page = session.get(desk.url + path).text
    assert "Jeudi 6 août 2026 à 9\u00a0h\u00a030" in page
    before = desk.mailer.composer.text(SAVE_THE_DATE)
    draft = desk.mailer.composer.open(SAVE_THE_DATE)
    changed = replace(draft.issue, preheader="Bloquez la date")
    desk.mailer.composer.save(SAVE_THE_DATE, Writing("t", "", draft.version), lambda _: changed)
    after = desk.mailer.composer.text(SAVE_THE_DATE)
    assert after.count("rencontre-de-l-eau") == before.count("rencontre-de-l-eau") == 3
    assert "send_at" not in after
