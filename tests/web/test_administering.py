"""Accounts in the hands of administrators: invitations, roles, deactivation; the last administrator stays one."""

import re
import threading
from datetime import timedelta

import pytest
import requests

from mailer.app import access, access_link, administration
from mailer.errors import NotFoundError, RefusedError
from mailer.model.accounts import Role
from mailer.store import Store, accounts, acts, administering
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, Desk
from tests.web.test_forgotten import link_in, mails

ALIX = "alix@reseau.example"
HOUR = timedelta(hours=1)


def administrator(store: Store, address: str) -> int:
    with store.write() as tx:
        user = accounts.create_user(tx, address, role=Role.ADMINISTRATOR, at=NOW)
        accounts.set_password(tx, user.id or 0, password_hash="hash")
    return user.id or 0


def test_the_last_administrator_is_neither_demoted_nor_deactivated(store: Store) -> None:
    first, second = administrator(store, "a@x.example"), administrator(store, "b@x.example")
    with store.write() as tx:
        accounts.create_user(tx, "invited@x.example", role=Role.ADMINISTRATOR, at=NOW)
        administering.set_role(tx, first, Role.READER, at=NOW)
    with pytest.raises(RefusedError, match="last administrator"), store.write() as tx:
        administering.set_role(tx, second, Role.SENDER, at=NOW)
    with pytest.raises(RefusedError, match="last administrator"), store.write() as tx:
        administering.deactivate(tx, second, at=NOW)
    with store.write() as tx:
        administering.set_role(tx, second, Role.ADMINISTRATOR, at=NOW)
        assert administering.get(tx, second).role == Role.ADMINISTRATOR


def test_two_administrators_who_demote_each_other_at_the_same_time_leave_one(store: Store) -> None:
    ids = [administrator(store, "a@x.example"), administrator(store, "b@x.example")]
    ready, refused = threading.Barrier(2), []

    def demote(user: int) -> None:
        ready.wait()
        try:
            with store.write() as tx:
                administering.set_role(tx, user, Role.READER, at=NOW)
        except RefusedError:
            refused.append(user)

    threads = [threading.Thread(target=demote, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert accounts.has_administrator(tx)
    assert len(refused) == 1


def test_somebody_invited_comes_in_by_mail_with_the_role_that_was_given(desk: Desk) -> None:
    session = desk.browser()
    asked = desk.post(session, "/comptes/inviter", address=ALIX, role="sender", language="en")
    assert asked.headers["Location"] == "/comptes?fait=invite"
    (mail,) = mails(desk)
    assert f"To: <{ALIX}>" in mail
    page = session.get(f"{desk.url}/comptes").text
    assert "jusqu’au jeudi 18 juin 2026" in page
    link, form = link_in(mail), {"password": PASSWORD, "again": PASSWORD, "role": "administrator"}
    headers = {"Origin": desk.url}
    desk.clock.advance(6 * 24 * HOUR)
    opened = requests.post(link, data=form, headers=headers, allow_redirects=False)
    assert opened.status_code == 303
    assert requests.post(link, data=form, headers=headers).status_code == 404
    with desk.mailer.store.read() as tx:
        user = accounts.find_user(tx, ALIX)
    assert user is not None
    assert (user.role, user.language) == ("sender", "en")


def test_an_invitation_ends_after_seven_days_with_another_mail_or_when_it_is_withdrawn(desk: Desk) -> None:
    session = desk.browser()
    desk.post(session, "/comptes/inviter", address=ALIX, role="writer")
    with desk.mailer.store.read() as tx:
        user = administering.find_any(tx, ALIX)
    assert user is not None
    first = link_in(mails(desk)[0])
    desk.clock.advance(HOUR)
    desk.post(session, f"/comptes/{user.id}/renvoyer")
    second = link_in(mails(desk)[1])
    assert [requests.get(each).status_code for each in (first, second)] == [404, 200]
    desk.clock.advance(7 * 24 * HOUR)
    assert requests.get(second).status_code == 404
    administration.invite_again(desk.mailer, user.id or 0, by="x")
    assert desk.mailer.account_mails.send_waiting() == 1
    third = link_in(mails(desk)[2])
    administration.withdraw_invitation(desk.mailer, user.id or 0, by="x")
    assert requests.get(third).status_code == 404
    with desk.mailer.store.read() as tx:
        assert administering.find_any(tx, ALIX) is None


def test_a_known_address_is_not_invited_and_a_role_is_one_of_the_list(desk: Desk) -> None:
    session = desk.browser()
    for form in (
        {"address": "administrator@reseau.example", "role": "reader"},
        {"address": ALIX, "role": "root"},
    ):
        refused = desk.post(session, "/comptes/inviter", **form)
        assert refused.status_code == 422
        assert 'aria-invalid="true" aria-describedby="why"' in refused.text
    assert mails(desk) == []


def test_deactivating_and_another_role_end_sessions_at_once(desk: Desk) -> None:
    session, writer = desk.browser(), desk.browser(Role.WRITER)
    with desk.mailer.store.read() as tx:
        user = accounts.find_user(tx, "writer@reseau.example")
    assert user is not None
    assert desk.post(session, f"/comptes/{user.id}/role", role="reader").status_code == 303
    assert writer.get(desk.url, allow_redirects=False).status_code == 303
    with desk.mailer.store.write() as tx:
        secret = accounts.create_session(tx, user.id or 0, at=NOW, lifetime=HOUR)
    assert desk.post(session, f"/comptes/{user.id}/desactiver").status_code == 303
    gone = requests.get(desk.url, cookies={"relais": secret}, allow_redirects=False)
    assert gone.headers["Location"] == "/connexion"
    assert desk.post(session, f"/comptes/{user.id}/reactiver").status_code == 303
    with desk.mailer.store.read() as tx:
        done = [each.act for each in acts.about(tx, "account:writer@reseau.example")]
    assert done == ["reactivate", "deactivate", "change-role"]
    page = session.get(f"{desk.url}/comptes").text
    assert "a désactivé le compte" in page


def test_tokens_do_not_outlive_the_administrator_who_made_them(desk: Desk) -> None:
    session = desk.browser()
    everybody = (ALIX, "b@x.example", "c@x.example")
    leaving, demoted, _ = (administrator(desk.mailer.store, each) for each in everybody)
    made = [
        access.create(desk.mailer, name="site", scopes=["contacts:write"], days=30, by=each)[1]
        for each in everybody
    ]
    assert desk.post(session, f"/comptes/{leaving}/desactiver").status_code == 303
    assert [access.recognise(desk.mailer, each) is None for each in made] == [True, False, False]
    assert desk.post(session, f"/comptes/{demoted}/role", role="administrator").status_code == 303
    assert access.recognise(desk.mailer, made[1]) is not None
    assert desk.post(session, f"/comptes/{demoted}/role", role="sender").status_code == 303
    assert [access.recognise(desk.mailer, each) is None for each in made] == [True, True, False]
    desk.post(session, f"/comptes/{leaving}/reactiver")
    assert access.recognise(desk.mailer, made[0]) is None
    assert "les jetons d’API qu’elle avait créés" in session.get(f"{desk.url}/comptes?fait=role").text


def test_whoever_has_come_in_is_not_withdrawn(desk: Desk) -> None:
    user = administrator(desk.mailer.store, "a@x.example")
    assert desk.post(desk.browser(), f"/comptes/{user}/retirer").status_code == 422
    assert desk.post(desk.browser(), "/comptes/7314/retirer").status_code == 404


def test_a_session_of_ones_own_is_ended_and_nobody_elses(desk: Desk) -> None:
    mine, here, other = desk.browser(), desk.browser(), desk.browser(Role.READER)
    page = here.get(f"{desk.url}/compte").text
    (listed,) = re.findall(r'name="which" value="(\w+)"', page)
    assert listed == accounts.digest(mine.cookies["relais"])
    stranger = accounts.digest(other.cookies["relais"])
    desk.post(here, "/compte/sessions/terminer", which=stranger)
    assert other.get(desk.url, allow_redirects=False).status_code == 200
    desk.post(here, "/compte/sessions/terminer", which=listed)
    assert mine.get(desk.url, allow_redirects=False).status_code == 303
    assert here.get(desk.url, allow_redirects=False).status_code == 200


def test_a_name_is_one_line_and_no_form_gives_a_role(desk: Desk) -> None:
    reader = desk.browser(Role.READER)
    hostile = "<b>Alix</b>\r\nBcc: x"
    assert desk.post(reader, "/compte/nom", name=hostile, role="administrator").status_code == 303
    page = reader.get(f"{desk.url}/compte").text
    assert "<b>Alix" not in page
    assert "&lt;b&gt;Alix&lt;/b&gt; Bcc: x" in page
    assert reader.get(f"{desk.url}/comptes").status_code == 403
    assert desk.post(reader, "/compte/nom", name="a" * 81).status_code == 422


def test_a_link_is_printed_where_no_mail_can_bring_one(desk: Desk) -> None:
    user = administrator(desk.mailer.store, ALIX)
    link = access_link(desk.mailer, ALIX, by="cli", without_factor=True)
    assert requests.get(link).status_code == 200
    with pytest.raises(NotFoundError):
        access_link(desk.mailer, "nobody@x.example", by="cli")
    with desk.mailer.store.read() as tx:
        assert [each.act for each in acts.about(tx, f"account:{ALIX}")] == ["access-link", "factor-reset"]
        assert administering.get(tx, user).factor_since is None
