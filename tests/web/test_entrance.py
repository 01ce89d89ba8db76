"""Coming in: links, passwords, waits, and what is refused at the door."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mailer.app import administrator_link
from mailer.model.accounts import Role
from mailer.store import accounts
from mailer.web import passwords
from mailer.web.entrance import local_path
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, Desk

ADDRESS = "claude@reseau.example"


@pytest.fixture
def known(desk: Desk, password_hash: str) -> Desk:
    with desk.mailer.store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.READER, at=NOW)
        assert user.id is not None
        accounts.set_password(tx, user.id, password_hash=password_hash)
    return desk


def _log_in(desk: Desk, password: str, *, origin: str | None = None, **values: str) -> requests.Response:
    form = {"address": ADDRESS, "password": password, **values}
    headers = {"Origin": origin or desk.url}
    return requests.post(f"{desk.url}/connexion", data=form, headers=headers, allow_redirects=False)


def test_a_stranger_is_led_to_the_login_and_back(desk: Desk) -> None:
    answer = requests.get(f"{desk.url}/lettres", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connexion?next=/lettres")


def test_the_way_back_keeps_what_was_asked(desk: Desk) -> None:
    answer = requests.get(f"{desk.url}/lettres?etat=draft&q=a%26b", allow_redirects=False)
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)["next"][0]
    assert asked == local_path(asked) == "/lettres?etat=draft&q=a%26b"


def test_the_right_password_opens_the_page_asked_for(known: Desk) -> None:
    answer = _log_in(known, PASSWORD, next="/resultats")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/resultats")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    page = requests.get(f"{known.url}/resultats", cookies=answer.cookies, allow_redirects=False)
    assert page.status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(known: Desk) -> None:
    wrong = _log_in(known, "something else")
    unknown = _log_in(known, PASSWORD, address="nobody@reseau.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(ADDRESS, "") == unknown.text.replace("nobody@reseau.example", "")


def test_what_is_no_address_is_refused_like_a_wrong_password(known: Desk) -> None:
    for strange in ("\0@reseau.example", "nobody", ""):
        assert _log_in(known, PASSWORD, address=strange).status_code == 401


def test_logging_in_ends_the_session_that_the_browser_brought(known: Desk) -> None:
    first = _log_in(known, PASSWORD).cookies
    form = {"address": ADDRESS, "password": PASSWORD}
    requests.post(f"{known.url}/connexion", data=form, headers={"Origin": known.url}, cookies=first)
    assert requests.get(known.url, cookies=first, allow_redirects=False).status_code == 303


def test_after_five_failures_even_the_right_password_waits(known: Desk) -> None:
    for _ in range(5):
        assert _log_in(known, "something else").status_code == 401
    assert _log_in(known, PASSWORD).status_code == 429
    known.clock.advance(timedelta(minutes=16))
    assert _log_in(known, PASSWORD).status_code == 303


def test_tries_at_once_are_looked_at_no_more_often_than_tries_in_a_row(
    known: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try begins while the one before it is still looked at."""
    looked, codes = [], []

    def slowly(password: str, _hash: str | None) -> bool:
        looked.append(password)
        if len(looked) < 9:
            codes.append(_log_in(known, "something else").status_code)
        return False

    monkeypatch.setattr(passwords, "is_right", slowly)
    _log_in(known, "something else")
    assert len(looked) == passwords.FREE_TRIES
    assert codes == [429, 401, 401, 401, 401]


def test_a_right_password_leaves_no_failure_behind(known: Desk) -> None:
    for _ in range(passwords.FREE_TRIES + 1):
        assert _log_in(known, PASSWORD).status_code == 303
    with known.mailer.store.read() as tx:
        assert tx.execute(accounts.failure.select()).first() is None


def test_a_login_form_of_another_site_is_refused(known: Desk) -> None:
    assert _log_in(known, PASSWORD, origin="https://elsewhere.example").status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "evil",
        "",
        "/\tx",
        "/\n/x",
        "//[",
        "https://[x",
    ],
)
def test_next_never_leaves_the_desk(text: str) -> None:
    assert local_path(text) == "/"


def test_a_next_that_is_no_address_is_no_failure(desk: Desk) -> None:
    assert requests.get(f"{desk.url}/connexion", params={"next": "//["}).status_code == 200


def test_a_local_next_is_kept() -> None:
    assert local_path("/lettres/flash/2026-06-11?vue=texte") == "/lettres/flash/2026-06-11?vue=texte"


def test_the_first_link_sets_a_password_once_and_logs_in(desk: Desk) -> None:
    link = administrator_link(desk.mailer, ADDRESS)
    form = {"password": PASSWORD, "again": PASSWORD}
    headers = {"Origin": desk.url}
    assert requests.get(link).status_code == 200
    answer = requests.post(link, data=form, headers=headers, allow_redirects=False)
    assert answer.status_code == 303
    assert requests.get(desk.url + "/", cookies=answer.cookies, allow_redirects=False).status_code == 200
    assert requests.get(link).status_code == 404
    assert requests.post(link, data=form, headers=headers).status_code == 404


def test_a_weak_first_password_keeps_the_link_alive(desk: Desk) -> None:
    link = administrator_link(desk.mailer, ADDRESS)
    short = requests.post(link, data={"password": "court", "again": "court"}, headers={"Origin": desk.url})
    assert short.status_code == 422
    assert requests.get(link).status_code == 200


def test_leaving_ends_the_session_on_the_server(desk: Desk) -> None:
    session = desk.browser()
    secret = session.cookies["relais"]
    left = desk.post(session, "/deconnexion")
    assert left.status_code == 303
    assert left.headers["Clear-Site-Data"] == '"storage"'
    answer = requests.get(desk.url + "/", cookies={"relais": secret}, allow_redirects=False)
    assert answer.status_code == 303


def test_a_new_password_asks_for_the_present_one(desk: Desk) -> None:
    session = desk.browser()
    form = {"present": "wrong", "password": PASSWORD, "again": PASSWORD}
    assert desk.post(session, "/compte/mot-de-passe", **form).status_code == 422
