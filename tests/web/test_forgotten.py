"""A lost password: the same answer for everybody, a link of one use by mail, and nothing in a log."""

import re
import time
from datetime import timedelta

import pytest
import requests
from sqlalchemy import text
from structlog.testing import capture_logs

from mailer.model.accounts import Role
from mailer.store import account_mails, accounts, administering
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, Desk

ADDRESS = "claude@reseau.example"


@pytest.fixture
def known(desk: Desk, password_hash: str) -> Desk:
    with desk.mailer.store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.WRITER, at=NOW, language="en")
        accounts.set_password(tx, user.id or 0, password_hash=password_hash)
    return desk


def _ask(desk: Desk, address: str = ADDRESS) -> requests.Response:
    return requests.post(
        f"{desk.url}/mot-de-passe-perdu", data={"address": address}, headers={"Origin": desk.url}
    )


def mails(desk: Desk) -> list[str]:
    """What left, as text, once nothing waits or is on its way any more."""
    while _on_their_way(desk):
        time.sleep(0.01)
    return left(desk)


def _on_their_way(desk: Desk) -> bool:
    with desk.mailer.store.read() as tx:
        return tx.execute(text("SELECT 1 FROM account_mail")).first() is not None


def left(desk: Desk) -> list[str]:
    folder = desk.mailer.settings.under_workspace(desk.mailer.settings.provider.path)
    found = sorted(folder.glob("**/new/*"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_text("utf-8").replace("=\n", "").replace("=3D", "=") for path in found]


def link_in(mail: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/premier-acces/[\w-]+", mail)
    assert found
    return found[0]


def test_an_account_of_the_single_sign_on_gets_the_same_answer_and_no_link(known: Desk) -> None:
    """A mailbox alone must not open what the provider of the single sign-on guards."""
    with known.mailer.store.write() as tx:
        only = accounts.create_user(tx, "only@reseau.example", role=Role.WRITER, at=NOW)
        assert accounts.bind_subject(tx, only.id or 0, "https://sso.example only")
        both = accounts.find_user(tx, ADDRESS)
        assert both is not None
        assert accounts.bind_subject(tx, both.id or 0, "https://sso.example both")
    assert _ask(known, "only@reseau.example").text == _ask(known).text
    (mail,) = mails(known)
    assert f"To: <{ADDRESS}>" in mail


def test_known_unknown_and_deactivated_get_the_same_answer_and_only_one_gets_a_mail(known: Desk) -> None:
    with known.mailer.store.write() as tx:
        gone = accounts.create_user(tx, "gone@reseau.example", role=Role.READER, at=NOW)
        administering.deactivate(tx, gone.id or 0, at=NOW)
    answers = [_ask(known, each) for each in (ADDRESS, "nobody@reseau.example", "gone@reseau.example")]
    assert {(each.status_code, each.text) for each in answers} == {(200, answers[0].text)}
    (mail,) = mails(known)
    assert f"To: <{ADDRESS}>" in mail
    assert "A new password for the desk" in mail
    with known.mailer.store.read() as tx:
        assert account_mails.count_waiting(tx) == 0


def test_asking_looks_no_account_up(known: Desk) -> None:
    """The time of the answer says nothing: whether there is such an account is only asked when the mail leaves."""
    for address in (ADDRESS, "nobody@reseau.example"):
        known.mailer.account_mails.ask_reset(address)
    with known.mailer.store.read() as tx:
        waiting = account_mails.waiting(tx, at=NOW, limit=9)
    assert [each.address for each in waiting] == [ADDRESS, "nobody@reseau.example"]


def test_the_link_works_once_within_an_hour_and_ends_every_session(known: Desk) -> None:
    with known.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        assert user is not None
        secret = accounts.create_session(tx, user.id or 0, at=NOW, lifetime=timedelta(hours=12))
    _ask(known)
    link = link_in(mails(known)[0])
    assert [requests.get(link).status_code for _ in range(2)] == [200, 200]
    form, headers = {"password": "une autre phrase", "again": "une autre phrase"}, {"Origin": known.url}
    assert requests.post(link, data=form, headers=headers, allow_redirects=False).status_code == 303
    assert requests.post(link, data=form, headers=headers).status_code == 404
    old = requests.get(known.url, cookies={"relais": secret}, allow_redirects=False)
    assert old.status_code == 303
    known.clock.advance(timedelta(minutes=5))
    _ask(known)
    second = link_in(mails(known)[1])
    known.clock.advance(timedelta(hours=1))
    assert requests.get(second).status_code == 404


def test_the_link_comes_from_base_url_whatever_the_host_says(known: Desk) -> None:
    headers = {"Origin": "http://evil.example", "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    answer = requests.post(f"{known.url}/mot-de-passe-perdu", data={"address": ADDRESS}, headers=headers)
    assert answer.status_code == 400
    headers = {"Origin": known.url, "X-Forwarded-Host": "evil.example"}
    requests.post(f"{known.url}/mot-de-passe-perdu", data={"address": ADDRESS}, headers=headers)
    (mail,) = mails(known)
    assert "evil" not in mail
    assert link_in(mail).startswith(known.url)


def test_one_address_gets_three_mails_an_hour_and_is_told_nothing(known: Desk) -> None:
    texts = {_ask(known).text for _ in range(5)}
    assert len(texts) == 1
    assert len(mails(known)) == 3


def test_one_place_asks_twenty_times_an_hour(known: Desk) -> None:
    codes = [_ask(known, f"nobody{n}@reseau.example").status_code for n in range(21)]
    assert codes == [200] * 20 + [429]


def test_no_address_and_no_link_is_logged(known: Desk) -> None:
    with capture_logs() as logs:
        _ask(known)
        _ask(known, "nobody@reseau.example")
        mail = mails(known)[0]
    assert link_in(mail).rsplit("/", 1)[1] not in str(logs)
    assert "reseau.example" not in str(logs)


def test_a_copied_database_writes_to_nobody(known: Desk) -> None:
    _ask(known)
    assert len(mails(known)) == 1
    (known.mailer.settings.state / "installation").write_text("somebody else\n")
    known.mailer.account_mails.ask_reset(ADDRESS)
    assert known.mailer.account_mails.send_waiting() == 0
    assert len(left(known)) == 1


def test_the_new_password_is_the_one_that_opens(known: Desk) -> None:
    _ask(known)
    form, headers = {"password": "une autre phrase", "again": "une autre phrase"}, {"Origin": known.url}
    requests.post(link_in(mails(known)[0]), data=form, headers=headers)
    opened = []
    for password in (PASSWORD, "une autre phrase"):
        login = {"address": ADDRESS, "password": password}
        answer = requests.post(f"{known.url}/connexion", data=login, headers=headers, allow_redirects=False)
        opened.append(answer.status_code)
    assert opened == [401, 303]
