"""A letter on its way: exact numbers, its pace over a minute, when it should end, and what may be done."""

import re
from datetime import timedelta

import pytest

from mailer.clock import FixedClock
from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.store.progress import Pace
from mailer.web.progress import measured
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_attempts, add_send, doubt

PART = "/lettres/flash/2026-06-11/envoi"
LETTER = "/lettres/flash/2026-06-11"
RESULT = "/resultats/flash/2026-06-11"


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _read(desk: Desk, path: str, role: Role = Role.ADMINISTRATOR) -> str:
    answer = desk.browser(role).get(desk.url + path)
    assert answer.status_code == 200
    return _text(answer.text)


def test_the_part_says_exact_numbers_pace_and_end(desk: Desk) -> None:
    send = add_send(desk.mailer, state=SendState.SENDING)
    assert send.id is not None
    # 30 answers in 30 seconds: one a second; 60 are left.
    add_attempts(desk.mailer, send.id, seconds_ago=[90.0, *(30.0 - n for n in range(30))])
    text = _read(desk, PART)
    assert f"{PEOPLE // 2} sur {PEOPLE} traités" in text
    assert "60 messages par minute, fin estimée vers 9 h 01" in text
    assert "Acceptés par le prestataire 59" in text
    assert "Refusés par le prestataire 1" in text
    assert f"Restent à envoyer {PEOPLE // 2}" in text


def test_attempts_without_an_answer_and_of_other_letters_are_no_pace(desk: Desk) -> None:
    other = add_send(
        desk.mailer, "mailing/2026-06-12-info-flash", state=SendState.SENDING, at="2026-06-12 10:00"
    )
    send = add_send(desk.mailer, state=SendState.SENDING)
    assert send.id is not None
    assert other.id is not None
    add_attempts(desk.mailer, other.id, seconds_ago=[9.0, 8.0])
    add_attempts(desk.mailer, send.id, seconds_ago=[5.0, 4.0], answered=False)
    text = _read(desk, PART)
    assert "Aucun message remis dans la dernière minute" in text
    assert "fin estimée" not in text


@pytest.mark.parametrize(
    ("answered", "first_seconds_ago", "per_second"),
    [(600, 60, 10.0), (50, 10, 5.0), (3, 0, 3.0), (6, 90, 0.1), (0, None, None)],
)
def test_a_pace_is_measured_from_where_the_sending_began(
    answered: int, first_seconds_ago: int | None, per_second: float | None
) -> None:
    first = None if first_seconds_ago is None else NOW - timedelta(seconds=first_seconds_ago)
    assert measured(Pace(answered, first), at=NOW) == per_second


def test_the_part_has_the_buttons_of_its_state_and_of_the_role(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    sender, reader = desk.browser(Role.SENDER), desk.browser(Role.READER)
    running = sender.get(desk.url + PART).text
    assert f'action="{LETTER}/suspendre"' in running
    assert "/annuler" not in running
    assert "<form" not in reader.get(desk.url + PART).text
    desk.post(sender, f"{LETTER}/suspendre")
    paused = sender.get(desk.url + PART).text
    assert f'action="{LETTER}/reprendre"' in paused
    assert f'action="{LETTER}/annuler"' in paused
    assert "Suspendu par sender@reseau.example" in _text(paused)


def test_the_week_and_the_results_hold_the_same_part_in_short(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    session = desk.browser()
    for path in ("/", RESULT):
        page = session.get(desk.url + path).text
        assert f'data-live="{PART}?bref=oui"' in page, path
        assert f'<progress class="progress" max="{PEOPLE}" value="{PEOPLE // 2}"' in page, path
        assert f'action="{LETTER}/suspendre"' in page, path
    assert f'data-live="{PART}"' in session.get(desk.url + LETTER).text


def test_without_a_script_a_link_renews_the_page(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    session = desk.browser()
    for path in ("/", LETTER, RESULT):
        assert f'<a href="{path}">Actualiser</a>' in session.get(desk.url + path).text


def test_a_letter_about_to_leave_is_watched_and_one_for_next_week_is_not(
    desk: Desk, clock: FixedClock
) -> None:
    desk.mailer.departures.schedule("flash/2026-06-11", by="test", at="2026-06-11 10:00")
    session = desk.browser()
    assert "data-live=" not in session.get(desk.url + LETTER).text
    clock.advance(timedelta(minutes=50))
    page = session.get(desk.url + LETTER).text
    assert f'data-live="{PART}"' in page
    assert "Elle part dans 10 min." in _text(page).replace("\u00a0", " ")


def test_an_ended_letter_renews_nothing(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.DONE)
    session = desk.browser()
    for path in ("/", LETTER, RESULT):
        page = session.get(desk.url + path).text
        assert "data-live=" not in page
        assert "<script" not in page
    assert "data-over" in session.get(desk.url + PART).text


def test_a_letter_never_scheduled_has_no_part(desk: Desk) -> None:
    assert desk.browser().get(desk.url + PART).status_code == 404


def test_a_screen_reader_hears_tenths_and_not_every_number(desk: Desk) -> None:
    send = add_send(desk.mailer, state=SendState.SENDING)
    assert send.id is not None
    session = desk.browser()

    def heard() -> str:
        found = re.search(r'data-say="([^"]*)"', session.get(desk.url + PART).text)
        assert found is not None
        return found[1].replace("\u00a0", " ")

    assert heard() == "Flash hebdo n° 47 : En cours, 50 % traités"
    doubt(desk.mailer, send.id, 6, reason="deadline")
    assert heard() == "Flash hebdo n° 47 : En cours, 50 % traités"
    doubt(desk.mailer, send.id, 6, reason="deadline")
    assert heard() == "Flash hebdo n° 47 : En cours, 60 % traités"


@pytest.mark.parametrize("path", [LETTER, RESULT])
def test_doubts_are_listed_with_their_reason_and_what_will_happen(desk: Desk, path: str) -> None:
    send = add_send(desk.mailer, state=SendState.SETTLING)
    assert send.id is not None
    doubt(desk.mailer, send.id, 4, reason="http-503", minutes_ago=30)
    doubt(desk.mailer, send.id, 2, reason="deadline", minutes_ago=20)
    text = _read(desk, path).replace("\u00a0", " ")
    assert "Pour 6 messages, nul ne sait si le prestataire les a pris" in text
    assert "Le prestataire a répondu par une erreur (HTTP 503) depuis le jeudi 11 juin à 8 h 30 4" in text
    assert "Le prestataire n’a pas répondu à temps depuis le jeudi 11 juin à 8 h 40 2" in text
    assert "le doute est levé en le lui remettant" in text


def test_without_doubts_nothing_is_said_of_them(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.DONE)
    assert "nul ne sait" not in _read(desk, LETTER) + _read(desk, RESULT)


def test_an_ended_letter_says_that_its_doubts_stay(desk: Desk) -> None:
    send = add_send(desk.mailer, state=SendState.SENDING)
    assert send.id is not None
    doubt(desk.mailer, send.id, 1, reason="lease-over")
    with desk.mailer.store.write() as tx:
        tx.exec_driver_sql("UPDATE send SET state = 'done'")
    assert "Cet envoi est terminé" in _read(desk, LETTER)
