"""An account of single sign-on alone signs on anew where another one would write its password."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests

from mailer.model.accounts import Role, User
from mailer.store import accounts, second_factors
from mailer.web import second_factor
from mailer.web.signing_on_anew import LIFETIME
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.identity import Identity

ADDRESS = "claude@reseau.example"
SEED = "s" * 43
ANEW = "/compte/confirmer"
OFF = "/compte/second-facteur/retirer"


@pytest.fixture
def claude(identity: Identity, desk: Desk) -> requests.Session:
    """Somebody who came in by single sign-on an hour ago, and has a second factor."""
    with desk.mailer.store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.ADMINISTRATOR, at=NOW)
        assert user.id is not None
        assert accounts.bind_subject(tx, user.id, f"{identity.url} person-1")
        assert second_factors.turn_on(tx, user.id, seed=SEED, step=1, at=NOW)
    return _session(desk, user.id)


def _session(desk: Desk, user_id: int) -> requests.Session:
    session = requests.Session()
    session.headers["Origin"] = desk.url
    with desk.mailer.store.write() as tx:
        secret = accounts.create_session(tx, user_id, at=NOW, lifetime=LIFETIME * 100)
        found = accounts.find_session(tx, secret, at=NOW)
    assert found is not None
    session.cookies.set("relais", secret)
    session.headers["X-Test-Csrf"] = found[0].csrf
    return session


def sign_on_anew(desk: Desk, browser: requests.Session) -> requests.Response:
    there = browser.get(f"{desk.url}{ANEW}?next=/compte", allow_redirects=False)
    back = browser.get(there.headers["Location"], allow_redirects=False)
    return browser.get(back.headers["Location"], allow_redirects=False)


def turn_off(desk: Desk, browser: requests.Session) -> requests.Response:
    at = desk.mailer.clock.now()
    code = pyotp.TOTP(second_factor.secret(desk.mailer.signer, account(desk).id or 0, SEED)).at(at)
    form = {"csrf": browser.headers["X-Test-Csrf"], "code": code}
    return browser.post(desk.url + OFF, data=form, allow_redirects=False)


def account(desk: Desk) -> User:
    with desk.mailer.store.read() as tx:
        user = accounts.find_user(tx, ADDRESS)
    assert user is not None
    return user


def test_a_browser_left_open_takes_no_second_factor_away(claude: requests.Session, desk: Desk) -> None:
    assert ANEW in claude.get(f"{desk.url}/compte").text
    answer = turn_off(desk, claude)
    assert answer.status_code == 422
    assert "Reconnectez-vous d’abord" in answer.text
    assert account(desk).factor_since is not None


def test_who_signs_on_anew_may_take_it_away(claude: requests.Session, desk: Desk, identity: Identity) -> None:
    there = claude.get(f"{desk.url}{ANEW}", allow_redirects=False).headers["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    answer = sign_on_anew(desk, claude)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/compte")
    assert "Vous venez de vous reconnecter" in claude.get(f"{desk.url}/compte").text
    assert turn_off(desk, claude).status_code == 303
    assert account(desk).factor_since is None


def _without_hour(claims: dict[str, object]) -> object:
    return claims.pop("auth_time", None)


def _with_a_word(claims: dict[str, object]) -> object:
    return claims.update(auth_time=True)


@pytest.mark.parametrize("spoil", [_without_hour, _with_a_word])
def test_a_provider_that_does_not_say_when_is_not_believed(
    claude: requests.Session, desk: Desk, identity: Identity, spoil: Callable[[dict[str, object]], object]
) -> None:
    identity.spoil = spoil
    assert sign_on_anew(desk, claude).status_code == 422
    assert turn_off(desk, claude).status_code == 422


def test_a_log_in_of_an_hour_ago_is_not_anew(
    claude: requests.Session, desk: Desk, identity: Identity
) -> None:
    identity.asks_anew = False
    answer = sign_on_anew(desk, claude)
    assert answer.status_code == 422
    assert "reconnecter" in answer.text
    assert turn_off(desk, claude).status_code == 422


def test_another_person_of_the_same_provider_confirms_nothing(
    claude: requests.Session, desk: Desk, identity: Identity
) -> None:
    identity.subject = "person-2"
    assert sign_on_anew(desk, claude).status_code == 422
    assert turn_off(desk, claude).status_code == 422


def test_it_counts_for_one_session_and_a_while(
    claude: requests.Session, desk: Desk, identity: Identity
) -> None:
    assert sign_on_anew(desk, claude).status_code == 303
    other = _session(desk, account(desk).id or 0)
    other.cookies.set("relais-anew", str(claude.cookies["relais-anew"]))
    assert turn_off(desk, other).status_code == 422
    desk.clock.advance(LIFETIME)
    assert turn_off(desk, claude).status_code == 422


def test_an_answer_counts_for_the_session_that_asked(
    claude: requests.Session, desk: Desk, identity: Identity
) -> None:
    there = claude.get(f"{desk.url}{ANEW}", allow_redirects=False)
    back = claude.get(there.headers["Location"], allow_redirects=False).headers["Location"]
    with desk.mailer.store.write() as tx:
        secret = accounts.create_session(tx, account(desk).id or 0, at=NOW, lifetime=LIFETIME)
    claude.cookies.set("relais", secret)
    assert claude.get(back, allow_redirects=False).status_code == 422


def test_setting_one_up_and_taking_one_from_somebody_else_ask_for_it_too(
    claude: requests.Session, desk: Desk, identity: Identity
) -> None:
    with desk.mailer.store.write() as tx:
        other = accounts.create_user(tx, "autre@reseau.example", role=Role.READER, at=NOW)
        assert accounts.bind_subject(tx, other.id or 0, "someone")
        second_factors.turn_on(tx, other.id or 0, seed=SEED, step=1, at=NOW)
    form = {"csrf": claude.headers["X-Test-Csrf"]}
    path = f"{desk.url}/comptes/{other.id}/second-facteur"
    assert claude.post(path, data=form, allow_redirects=False).status_code == 422
    assert ANEW in claude.get(f"{desk.url}/comptes").text
    assert sign_on_anew(desk, claude).status_code == 303
    assert claude.post(path, data=form, allow_redirects=False).status_code == 303
    theirs = _session(desk, other.id or 0)
    assert "Se reconnecter avec" in theirs.get(f"{desk.url}/compte/second-facteur").text
    form = {"csrf": theirs.headers["X-Test-Csrf"], "seed": SEED, "code": "123456"}
    refused = theirs.post(f"{desk.url}/compte/second-facteur", data=form)
    assert refused.status_code == 422
    assert "Reconnectez-vous d’abord" in refused.text
