"""At the desk a person decides what becomes of doubtful copies: ask, send once more, wait no longer."""

import re

import pytest

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.store import acts, deliveries, sends
from tests.web.conftest import Desk
from tests.web.data import add_send, doubt

REF = "flash/2026-06-11"
LETTER = f"/lettres/{REF}"
RESULT = f"/resultats/{REF}"
ASK, AGAIN, GIVE_UP = (f"{LETTER}/incertains/{act}" for act in ("verifier", "renvoyer", "abandonner"))


def doubtful(desk: Desk, count: int = 4, *, state: SendState = SendState.SETTLING) -> int:
    """A letter with so many copies in doubt, all others concluded."""
    send = add_send(desk.mailer, state=state)
    assert send.id is not None
    doubt(desk.mailer, send.id, count, reason="deadline", minutes_ago=30)
    with desk.mailer.store.write() as tx:
        deliveries.cancel_planned(tx, send.id, at=desk.clock.now())
    return send.id


def standing(desk: Desk, send_id: int) -> tuple[str, dict[str, int]]:
    with desk.mailer.store.read() as tx:
        counted = deliveries.counts(tx, send_id)
        return sends.get(tx, send_id).state, {
            key: counted.get(key, 0) for key in ("in_doubt", "planned", "accepted")
        }


def forms(page: str) -> set[str]:
    return {act for act in (ASK, AGAIN, GIVE_UP) if f'action="{act}"' in page}


@pytest.fixture
def postal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that cannot be asked: it repeats our key in its reports. The desk's own, a folder, can be."""
    for name, value in {"NAME": "postal", "URL": "http://127.0.0.1:9", "API_KEY": "key"}.items():
        monkeypatch.setenv(f"MAILER_PROVIDER__{name}", value)


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (SendState.SENDING, {ASK, AGAIN}),
        (SendState.SETTLING, {ASK, AGAIN, GIVE_UP}),
        (SendState.PAUSED, {ASK}),
        (SendState.CANCELLED, {ASK}),
        (SendState.DONE, set()),
    ],
)
def test_the_page_offers_what_the_state_allows(desk: Desk, state: SendState, offered: set[str]) -> None:
    send_id = doubtful(desk)
    with desk.mailer.store.write() as tx:
        assert sends.transition(tx, send_id, before=[SendState.SETTLING], after=state)
    session = desk.browser(Role.SENDER)
    assert forms(session.get(desk.url + LETTER).text) == offered
    assert forms(session.get(desk.url + RESULT).text) == set()
    assert (f'href="{LETTER}#t-doubt"' in session.get(desk.url + RESULT).text) is (AGAIN in offered)


@pytest.mark.usefixtures("postal")
def test_a_provider_that_cannot_be_asked_is_not_offered(desk: Desk) -> None:
    doubtful(desk)
    assert forms(desk.browser().get(desk.url + LETTER).text) == {AGAIN, GIVE_UP}


def test_whoever_may_not_send_decides_nothing(desk: Desk) -> None:
    doubtful(desk)
    session = desk.browser(Role.APPROVER)
    assert forms(session.get(desk.url + LETTER).text) == set()
    assert "#t-doubt" not in session.get(desk.url + RESULT).text


@pytest.mark.parametrize("typed", ["", "3", "40", "quatre"])
@pytest.mark.parametrize(("path", "field"), [(AGAIN, "again"), (GIVE_UP, "given-up")])
def test_the_number_is_typed_by_hand_however_few_they_are(
    desk: Desk, path: str, field: str, typed: str
) -> None:
    send_id = doubtful(desk)
    before = standing(desk, send_id)
    refused = desk.post(desk.browser(), path, typed=typed)
    assert refused.status_code == 409
    assert "Les exemplaires incertains sont au nombre de 4" in refused.text
    assert re.search(
        rf'id="{field}-number"[^>]* value="{typed}" aria-invalid="true" aria-describedby="why"', refused.text
    )
    assert refused.text.count('<details class="data" open>') == 1
    assert standing(desk, send_id) == before


def test_doubtful_copies_are_sent_once_more_by_the_sender_at_its_next_tick(desk: Desk) -> None:
    send_id = doubtful(desk)
    answer = desk.post(desk.browser(Role.SENDER), AGAIN, typed="4")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LETTER}?fait=send-again")
    state, counted = standing(desk, send_id)
    assert (state, counted["planned"], counted["in_doubt"]) == ("sending", 4, 0)
    with desk.mailer.store.read() as tx:
        log = acts.about(tx, REF)
    assert (log[0].act, log[0].by, log[0].detail) == ("send-again", "sender@reseau.example", "4")


def test_whoever_waits_no_longer_ends_the_letter_with_its_doubts_shown(desk: Desk) -> None:
    send_id = doubtful(desk)
    session = desk.browser()
    assert desk.post(session, GIVE_UP, typed="4").status_code == 303
    state, counted = standing(desk, send_id)
    assert (state, counted["in_doubt"]) == ("done", 4)
    assert "La lettre est terminée" in session.get(f"{desk.url}{LETTER}?fait=give-up").text


def test_the_provider_is_asked_at_once(desk: Desk) -> None:
    """The folder holds none of these copies: they leave again by themselves."""
    send_id = doubtful(desk)
    assert desk.post(desk.browser(), ASK).status_code == 303
    _, counted = standing(desk, send_id)
    assert (counted["in_doubt"], counted["planned"]) == (0, 4)


def test_an_act_that_came_too_late_says_why(desk: Desk) -> None:
    send_id = doubtful(desk)
    with desk.mailer.store.write() as tx:
        assert sends.transition(tx, send_id, before=[SendState.SETTLING], after=SendState.DONE)
    for path in (AGAIN, GIVE_UP):
        assert desk.post(desk.browser(), path, typed="4").status_code == 409
