"""Single sign-on against a real provider: only accounts that are there or invited open, and only for their own person."""

import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mailer.app import administration
from mailer.errors import SettingError
from mailer.model.accounts import Role
from mailer.settings import OidcSettings
from mailer.store import accounts, administering, second_factors
from mailer.web import oidc
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.identity import CLIENT, SECRET, Identity

ADDRESS = "claude@reseau.example"
START = "/connexion/externe"


@pytest.fixture
def known(identity: Identity, desk: Desk) -> Desk:
    with desk.mailer.store.write() as tx:
        accounts.create_user(tx, ADDRESS, role=Role.WRITER, at=NOW)
    return desk


def sign_on(desk: Desk, browser: requests.Session | None = None) -> requests.Response:
    """The way of a browser there and back; the last answer of the desk."""
    browser = browser or requests.Session()
    there = browser.get(f"{desk.url}{START}?next=/lettres", allow_redirects=False)
    back = browser.get(there.headers["Location"], allow_redirects=False)
    return browser.get(back.headers["Location"], allow_redirects=False)


def test_a_known_verified_address_comes_in_and_is_tied_to_its_person(known: Desk, identity: Identity) -> None:
    assert "Se connecter avec Compte agent" in requests.get(f"{known.url}/connexion").text
    browser = requests.Session()
    answer = sign_on(known, browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lettres")
    assert browser.get(f"{known.url}/lettres", allow_redirects=False).status_code == 200
    assert "relais-sign-on" not in browser.cookies
    identity.email = "renamed@reseau.example"
    assert sign_on(known).status_code == 303
    identity.email, identity.subject = ADDRESS, "person-2"
    assert sign_on(known).status_code == 422


def test_the_request_has_pkce_a_state_and_a_nonce_and_the_code_is_exchanged_with_them(
    known: Desk, identity: Identity
) -> None:
    there = requests.get(f"{known.url}{START}", allow_redirects=False).headers["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{known.url}{START}/retour"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert sign_on(known).status_code == 303
    assert len(identity.asked[0]["code_verifier"]) >= 43


def test_nobody_gets_an_account_by_signing_on(known: Desk, identity: Identity) -> None:
    identity.email = "stranger@reseau.example"
    answer = sign_on(known)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (422, False)
    with known.mailer.store.read() as tx:
        assert [each.address for each in administering.everybody(tx)] == [ADDRESS]


def test_an_address_that_is_not_verified_opens_nothing(known: Desk, identity: Identity) -> None:
    odd: tuple[object, ...] = (False, [True], {"true": True}, 1, "yes")
    for said in odd:
        identity.verified = said
        assert sign_on(known).status_code == 422, said


def test_the_address_is_also_read_where_the_token_lacks_it(known: Desk, identity: Identity) -> None:
    identity.tells_in_token = False
    assert sign_on(known).status_code == 303


def test_somebody_invited_comes_in_and_the_invitation_is_over(identity: Identity, desk: Desk) -> None:
    administration.invite(desk.mailer, ADDRESS, role=Role.SENDER, by="x")
    desk.mailer.account_mails.send_waiting()
    assert sign_on(desk).status_code == 303
    with desk.mailer.store.read() as tx:
        assert administering.open_invitations(tx) == {}
        user = accounts.find_user(tx, ADDRESS)
    assert user is not None
    assert user.role == "sender"


def test_a_second_factor_of_the_desk_is_asked_for_here_too(known: Desk, identity: Identity) -> None:
    with known.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        assert user is not None
        assert second_factors.turn_on(tx, user.id or 0, seed="s" * 43, step=1, at=NOW)
    browser = requests.Session()
    answer = sign_on(known, browser)
    assert (answer.status_code, 'name="ticket"' in answer.text) == (200, True)
    assert "relais" not in browser.cookies


def test_a_deactivated_account_stays_shut(known: Desk, identity: Identity) -> None:
    assert sign_on(known).status_code == 303
    with known.mailer.store.write() as tx:
        user = accounts.find_user(tx, ADDRESS)
        assert user is not None
        administering.deactivate(tx, user.id or 0, at=NOW)
    assert sign_on(known).status_code == 422


SPOILED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another client"},
    "another nonce": {"nonce": "replayed"},
    "too old": {"exp": int(NOW.timestamp()) - 3600},
    "no person": {"sub": None},
}


def test_a_token_that_is_not_for_this_attempt_opens_nothing(known: Desk, identity: Identity) -> None:
    for why, change in SPOILED.items():
        identity.spoil = lambda claims, change=change: claims.update(change)  # type: ignore[misc]
        assert sign_on(known).status_code == 422, why
    identity.spoil = lambda claims: None
    identity.forged = True
    assert sign_on(known).status_code == 422
    identity.forged = False
    assert sign_on(known).status_code == 303


def test_an_answer_counts_once_and_for_the_browser_that_began(known: Desk, identity: Identity) -> None:
    mine, victim = requests.Session(), requests.Session()
    there = mine.get(f"{known.url}{START}", allow_redirects=False)
    back = mine.get(there.headers["Location"], allow_redirects=False).headers["Location"]
    assert victim.get(back, allow_redirects=False).status_code == 422
    victim.get(f"{known.url}{START}", allow_redirects=False)
    assert victim.get(back, allow_redirects=False).status_code == 422
    assert mine.get(back, allow_redirects=False).status_code == 303
    assert mine.get(back, allow_redirects=False).status_code == 422


def test_the_way_back_stays_on_the_desk(known: Desk, identity: Identity) -> None:
    browser = requests.Session()
    there = browser.get(f"{known.url}{START}?next=//evil.example", allow_redirects=False)
    back = browser.get(there.headers["Location"], allow_redirects=False)
    assert browser.get(back.headers["Location"], allow_redirects=False).headers["Location"] == "/"


def test_a_provider_that_refuses_is_a_sentence(known: Desk, identity: Identity) -> None:
    browser = requests.Session()
    there = browser.get(f"{known.url}{START}", allow_redirects=False).headers["Location"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    answer = browser.get(f"{known.url}{START}/retour?error=access_denied&state={state}")
    assert answer.status_code == 422
    assert "n’a laissé entrer personne" in answer.text


def test_without_settings_there_is_no_button_and_a_clear_sentence(desk: Desk) -> None:
    assert "Se connecter avec" not in requests.get(f"{desk.url}/connexion").text
    answer = requests.get(f"{desk.url}{START}")
    assert answer.status_code == 422
    assert "oidc.issuer" in answer.text


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (OidcSettings(issuer="http://compte.reseau.example", client_id="a"), "https://"),
        (OidcSettings(issuer="https://compte.reseau.example", client_id="a"), "client_secret"),
    ],
)
def test_a_setting_that_is_missing_or_unsafe_is_named(settings: OidcSettings, named: str) -> None:
    with pytest.raises(SettingError, match=named):
        oidc.begin(settings, back="https://x.example", target="/")


def test_without_the_extra_the_sentence_says_how_to_install_it(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "authlib.integrations.requests_client", None)
    settings = OidcSettings.model_validate(
        {"issuer": identity.url, "client_id": CLIENT, "client_secret": SECRET}
    )
    with pytest.raises(SettingError, match=r"mailer\[oidc\]"):
        oidc.begin(settings, back="https://x.example", target="/")


def test_a_provider_by_another_name_is_refused(identity: Identity) -> None:
    identity.url, url = f"{identity.url}/other", identity.url
    settings = OidcSettings.model_validate({"issuer": url, "client_id": CLIENT, "client_secret": SECRET})
    with pytest.raises(SettingError, match="calls itself"):
        oidc.begin(settings, back="https://x.example", target="/")
