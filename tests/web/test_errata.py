"""At the desk: an erratum is begun on the page of a letter that has left, and says whom it is for."""

import re
from pathlib import Path

import pytest

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.web import week
from mailer.web.recent import recent_results
from tests.web.conftest import Desk
from tests.web.data import add_send
from tests.web.people import add_people

LETTER = "/lettres/flash/2026-06-11"
ERRATUM = "/lettres/flash/2026-06-11-erratum"
BUTTON = f'action="{LETTER}/erratum"'


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _read(desk: Desk, path: str, role: Role = Role.ADMINISTRATOR) -> str:
    return desk.browser(role).get(desk.url + path).text


def test_the_page_of_a_draft_has_no_button(desk: Desk) -> None:
    assert BUTTON not in _read(desk, LETTER)


@pytest.mark.parametrize(
    ("state", "is_there"),
    [
        (SendState.DONE, True),
        (SendState.PAUSED, True),
        (SendState.CANCELLED, True),
        (SendState.SENDING, False),
    ],
)
def test_the_page_of_a_letter_that_stands_still_has_it(desk: Desk, state: SendState, is_there: bool) -> None:
    add_send(desk.mailer, state=state)
    assert (BUTTON in _read(desk, LETTER)) is is_there


def test_a_cancelled_letter_that_some_have_is_not_offered_a_second_time(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.CANCELLED)
    page = _read(desk, LETTER)
    assert "elle ne part pas une deuxième fois" in page
    assert f'formaction="{LETTER}/programmer"' not in page


def test_whoever_only_reads_does_not_begin_one(desk: Desk) -> None:
    add_send(desk.mailer)
    session = desk.browser(Role.READER)
    assert BUTTON not in session.get(desk.url + LETTER).text
    assert desk.post(session, f"{LETTER}/erratum").status_code == 403


def test_the_button_makes_one_draft_that_preflight_stops(desk: Desk) -> None:
    add_send(desk.mailer)
    session = desk.browser(Role.WRITER)
    for _ in range(2):
        answer = desk.post(session, f"{LETTER}/erratum")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{ERRATUM}?fait=erratum")
    page = _text(session.get(desk.url + ERRATUM).text)
    assert "Cette lettre est l’erratum de : Foncier solidaire" in page
    assert "Une note pour vous-même est restée dans le texte" in page
    assert "2026-06-11-erratum-2" not in page
    assert "Erratum commencé" in _text(session.get(desk.url + LETTER).text)


def test_a_letter_that_nobody_has_is_mended_in_its_own_file(desk: Desk) -> None:
    answer = desk.post(desk.browser(), f"{LETTER}/erratum")
    assert answer.status_code == 409
    assert "Personne n’a reçu flash/2026-06-11" in answer.text


def test_an_erratum_says_how_many_have_the_letter_and_how_many_get_it(desk: Desk, tmp_path: Path) -> None:
    """Of the five people whom it knows, one is a member today, subscribed and not excluded."""
    add_people(desk.mailer, tmp_path)
    add_send(desk.mailer)
    session = desk.browser()
    desk.post(session, f"{LETTER}/erratum")
    page = _text(session.get(desk.url + ERRATUM).text)
    assert (
        "Ont reçu cette lettre, ou ont pu la recevoir 5 Non abonnés − 2 Non adhérents à ce jour − 2 " in page
    )
    assert "Reçoivent l’erratum 1" in page


def test_the_week_counts_an_erratum_by_its_own_people_and_shows_the_letter_s_results(
    desk: Desk, tmp_path: Path
) -> None:
    add_people(desk.mailer, tmp_path)
    add_send(desk.mailer, at="2026-06-11 09:00")
    draft = desk.mailer.prepare_erratum("flash/2026-06-11", by="test")
    finish(desk, str(draft.path))
    add_send(desk.mailer, draft.ref, state=SendState.SETTLING, at="2026-06-11 11:00", hours_ago=1)
    summaries = desk.mailer.issues()
    assert [each.summary.ref for each in recent_results(desk.mailer, summaries)] == ["flash/2026-06-11"]
    assert week._Counts(desk.mailer).of(next(each for each in summaries if each.ref == draft.ref)) == 1


def finish(desk: Desk, path: str) -> None:
    """What a person does with a draft."""
    file = desk.mailer.settings.workspace / path
    file.write_text(file.read_text("utf-8").replace("[à compléter]", "le 18 juin"), "utf-8")


def test_the_letter_and_its_erratum_name_each_other(desk: Desk) -> None:
    add_send(desk.mailer)
    session = desk.browser()
    desk.post(session, f"{LETTER}/erratum")
    page = session.get(desk.url + LETTER).text
    assert f'href="{ERRATUM}"' in page
    assert BUTTON not in page
    assert f'<a href="{LETTER}">' in session.get(desk.url + ERRATUM).text


def test_a_paused_letter_says_that_it_does_not_go_on_behind_its_erratum(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.PAUSED)
    draft = desk.mailer.prepare_erratum("flash/2026-06-11", by="test")
    finish(desk, str(draft.path))
    desk.mailer.departures.schedule(draft.ref, by="test", at="2026-06-11 10:00")
    session = desk.browser()
    assert "ne peut plus reprendre" in _text(session.get(desk.url + LETTER).text)
    refused = desk.post(session, f"{LETTER}/reprendre")
    assert refused.status_code == 409
    assert "son erratum flash/2026-06-11-erratum" in refused.text
