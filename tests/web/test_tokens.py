"""Tokens and webhooks at the desk: a secret is shown once, by the answer to the form that made it."""

import re

from mailer.app import access, webhooks
from mailer.model.accounts import Role
from tests.web.conftest import Desk

PAGE, TOLD = "/reglages/jetons", "/reglages/alertes"


def test_a_token_is_shown_once_and_ended_by_a_button(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    answer = desk.post(session, PAGE, name="site", scopes="contacts:read", days="30")
    secret = re.search(r'value="(relais_[^"]+)"', answer.text)
    assert secret is not None
    found = access.recognise(desk.mailer, secret[1])
    assert found is not None
    assert (found.name, found.scopes) == ("site", ["contacts:read"])
    assert secret[1] not in session.get(desk.url + PAGE).text
    assert desk.post(session, f"{PAGE}/{found.id}/retirer").status_code == 303
    assert access.recognise(desk.mailer, secret[1]) is None


def test_a_token_without_rights_or_for_ever_is_refused_with_what_was_typed(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    for given in (
        {"days": "30"},
        {"scopes": "contacts:read", "days": "9999"},
        {"scopes": "all", "days": "1"},
    ):
        answer = desk.post(session, PAGE, name="mon site", **given)
        assert answer.status_code == 422
        assert 'value="mon site"' in answer.text
    assert access.every(desk.mailer) == []


def test_an_address_to_tell_is_made_with_its_secret_and_ended(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    assert desk.post(session, TOLD, url="http://site-ouvert.fr/", events="letter.sent").status_code == 422
    answer = desk.post(session, TOLD, url="https://site-ouvert.fr/hook", events="letter.sent")
    (held, _), *others = webhooks.listed(desk.mailer)
    assert others == []
    assert webhooks.secret(desk.mailer.signer, held) in answer.text.replace("&#43;", "+").replace(
        "&#x2B;", "+"
    )
    assert desk.post(session, f"{TOLD}/{held.id}/retirer").status_code == 303
    assert webhooks.listed(desk.mailer) == []


def test_what_is_old_is_removed_by_its_number_only(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    assert desk.post(session, "/reglages/conservation/inactive", typed="3").status_code == 409
    assert "Registre des traitements" in session.get(f"{desk.url}/reglages/registre").text
    assert "Register of processing" in session.get(f"{desk.url}/reglages/registre?langue=en").text
