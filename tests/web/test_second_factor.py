"""The second factor at the desk: it stands beside the password, and nothing goes around it."""

import re
from datetime import datetime, timedelta

import pyotp
import pytest
import requests

from mailer.app import access_link
from mailer.model.accounts import Role, User
from mailer.store import Tx, accounts, administering
from mailer.tokens import Signer
from mailer.web import second_factor
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, Desk
from tests.web.test_second_factor_codes import ADDRESS, SEED, STEP, code_at


def _set_up(desk: Desk, password_hash: str) -> tuple[requests.Session, str, list[str]]:
    """An administrator with password and second factor, set up as a person does: session, seed, recovery codes."""
    desk.browser()
    with desk.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        assert user is not None
        accounts.set_password(tx, user.id or 0, password_hash=password_hash)
    session = desk.browser()
    page = session.get(f"{desk.url}/compte/second-facteur").text
    seed = re.search(r'name="seed" value="([^"]+)"', page)
    assert seed
    secret = re.search(r'<code class="wrap">([A-Z2-7 ]+)</code>', page)
    assert secret
    now = desk.clock.now()
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(now)
    shown = desk.post(session, "/compte/second-facteur", seed=seed[1], present=PASSWORD, code=code).text
    codes = re.findall(r"<code>([a-z2-7-]{14})</code>", shown)
    assert len(codes) == 10
    assert codes[0] not in session.get(f"{desk.url}/compte").text
    return session, secret[1].replace(" ", ""), codes


def _password(desk: Desk) -> requests.Response:
    form = {"address": ADDRESS, "password": PASSWORD, "next": "/lettres"}
    return requests.post(
        f"{desk.url}/connexion", data=form, headers={"Origin": desk.url}, allow_redirects=False
    )


def _second_step(desk: Desk, page: requests.Response, code: str) -> requests.Response:
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket
    form = {"ticket": ticket[1], "code": code, "next": "/lettres"}
    return requests.post(
        f"{desk.url}/connexion/code", data=form, headers={"Origin": desk.url}, allow_redirects=False
    )


def test_the_password_alone_opens_no_session(desk: Desk, password_hash: str) -> None:
    _, secret, codes = _set_up(desk, password_hash)
    asked = _password(desk)
    assert (asked.status_code, "Set-Cookie" in asked.headers) == (200, False)
    assert _second_step(desk, asked, "000000").status_code == 401
    desk.clock.advance(3 * STEP)
    code = pyotp.TOTP(secret).at(desk.clock.now())
    opened = _second_step(desk, asked, code)
    assert (opened.status_code, opened.headers["Location"]) == (303, "/lettres")
    assert (
        requests.get(f"{desk.url}/lettres", cookies=opened.cookies, allow_redirects=False).status_code == 200
    )
    assert _second_step(desk, asked, code).status_code == 401
    assert _second_step(desk, asked, codes[0]).status_code == 303


def test_codes_are_not_guessed_and_a_late_or_forged_step_is_over(desk: Desk, password_hash: str) -> None:
    _, _secret, codes = _set_up(desk, password_hash)
    asked = _password(desk)
    for _ in range(5):
        assert _second_step(desk, asked, "000000").status_code == 401
    assert _second_step(desk, asked, codes[0]).status_code == 429
    desk.clock.advance(timedelta(minutes=11))
    assert _second_step(desk, asked, codes[0]).status_code == 401
    forged = {"ticket": "Zm9yZ2Vk.AAAAAAAAAAAAAAAAAAAAAA", "code": codes[0]}
    answer = requests.post(f"{desk.url}/connexion/code", data=forged, headers={"Origin": desk.url})
    assert answer.status_code == 401
    assert _second_step(desk, _password(desk), codes[0]).status_code == 303


def test_a_code_is_counted_before_it_is_looked_at(
    desk: Desk, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _, codes = _set_up(desk, password_hash)
    accept, counted = second_factor.accept, []

    def watched(tx: Tx, signer: Signer, user: User, code: str, *, at: datetime) -> str:
        counted.append(accounts.failures(tx, f"second-factor:{user.id}", since=NOW - timedelta(hours=1))[0])
        return accept(tx, signer, user, code, at=at)

    monkeypatch.setattr(second_factor, "accept", watched)
    asked = _password(desk)
    assert _second_step(desk, asked, "000000").status_code == 401
    assert _second_step(desk, asked, codes[0]).status_code == 303
    for code in ("000000", codes[1]):
        desk.post(session, "/compte/second-facteur/codes", present=PASSWORD, code=code)
    assert counted == [1, 2, 2, 3]


def test_a_browser_left_open_is_not_enough_to_turn_it_on(desk: Desk, password_hash: str) -> None:
    desk.browser()
    with desk.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        assert user is not None
        accounts.set_password(tx, user.id or 0, password_hash=password_hash)
    session = desk.browser()
    form = {"seed": SEED, "code": code_at(desk.mailer.signer, user, desk.clock.now())}
    for present in ("", "wrong"):
        refused = desk.post(session, "/compte/second-facteur", present=present, **form)
        assert refused.status_code == 422
        assert re.search(r'id="present"[^>]*aria-invalid="true"', refused.text)
        assert f'name="seed" value="{SEED}"' in refused.text
    assert _password(desk).status_code == 303
    for _ in range(5):
        desk.post(session, "/compte/second-facteur", present="wrong", **form)
    assert desk.post(session, "/compte/second-facteur", present=PASSWORD, **form).status_code == 429


def test_an_account_without_a_password_is_asked_for_none(desk: Desk) -> None:
    session = desk.browser()
    assert 'name="present"' not in session.get(f"{desk.url}/compte/second-facteur").text
    with desk.mailer.store.read() as tx:
        user = accounts.find_user(tx, ADDRESS)
    assert user is not None
    form = {"seed": SEED, "code": code_at(desk.mailer.signer, user, desk.clock.now())}
    assert desk.post(session, "/compte/second-facteur", **form).status_code == 200


def test_a_lost_password_is_no_way_around_it(desk: Desk, password_hash: str) -> None:
    _, _, codes = _set_up(desk, password_hash)
    link = access_link(desk.mailer, ADDRESS, by="cli")
    form = {"password": "une autre phrase", "again": "une autre phrase"}
    asked = requests.post(link, data=form, headers={"Origin": desk.url}, allow_redirects=False)
    assert (asked.status_code, "Set-Cookie" in asked.headers) == (200, False)
    assert _second_step(desk, asked, codes[0]).status_code == 303


def test_it_is_turned_off_with_password_and_code_only(desk: Desk, password_hash: str) -> None:
    session, _, codes = _set_up(desk, password_hash)
    path = "/compte/second-facteur/retirer"
    assert desk.post(session, path, present="wrong", code=codes[0]).status_code == 422
    assert desk.post(session, path, present=PASSWORD, code="000000").status_code == 422
    assert _password(desk).status_code == 200
    assert desk.post(session, path, present=PASSWORD, code=codes[0]).status_code == 303
    assert _password(desk).status_code == 303


def test_an_administrator_takes_a_lost_one_away(desk: Desk, password_hash: str) -> None:
    lost, _, _ = _set_up(desk, password_hash)
    with desk.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        other = accounts.create_user(tx, "other@reseau.example", role=Role.ADMINISTRATOR, at=NOW)
        assert user is not None
        secret = accounts.create_session(tx, other.id or 0, at=NOW, lifetime=timedelta(hours=1))
        found = accounts.find_session(tx, secret, at=NOW)
    assert found is not None
    helper = requests.Session()
    helper.headers.update({"Origin": desk.url, "X-Test-Csrf": found[0].csrf})
    helper.cookies.set("relais", secret)
    assert desk.post(helper, f"/comptes/{user.id}/second-facteur").status_code == 303
    assert lost.get(f"{desk.url}/compte", allow_redirects=False).status_code == 303
    assert _password(desk).status_code == 303


def test_no_administrator_takes_one_away_by_a_session_alone(desk: Desk, password_hash: str) -> None:
    session, _, _ = _set_up(desk, password_hash)
    with desk.mailer.store.write() as tx:
        own = accounts.find_user(tx, ADDRESS)
        other = accounts.create_user(tx, "other@reseau.example", role=Role.READER, at=NOW)
        assert own is not None
        accounts.set_password(tx, other.id or 0, password_hash=password_hash)
        code = code_at(desk.mailer.signer, other)
        second_factor.turn_on(tx, desk.mailer.signer, other, seed=SEED, code=code, at=NOW)
    for user, present in ((own, PASSWORD), (other, ""), (other, "wrong")):
        path = f"/comptes/{user.id}/second-facteur"
        assert desk.post(session, path, present=present).status_code == 422
    with desk.mailer.store.read() as tx:
        assert all(administering.get(tx, each.id or 0).factor_since for each in (own, other))
    page = session.get(f"{desk.url}/comptes").text
    assert f'action="/comptes/{own.id}/second-facteur"' not in page
    assert f'id="present-{other.id}" name="present"' in page
    taken = desk.post(session, f"/comptes/{other.id}/second-facteur", present=PASSWORD)
    assert taken.headers["Location"] == "/comptes?fait=facteur"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILER_ACCOUNTS__SECOND_FACTOR", '["administrator", "sender"]')


def test_a_role_that_must_have_one_gets_nowhere_without(strict: None, desk: Desk) -> None:
    session = desk.browser()
    for path in ("/", "/lettres", "/comptes", "/compte"):
        answer = session.get(desk.url + path, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/compte/second-facteur")
    assert desk.post(session, "/comptes/inviter", address="x@y.example").status_code == 303
    assert "Votre rôle exige ici un second facteur" in session.get(f"{desk.url}/").text
    assert desk.browser(Role.WRITER).get(desk.url, allow_redirects=False).status_code == 200
