"""`mailer doctor` says in plain words what keeps people from coming in by single sign-on."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailer import app
from mailer.app.doctor import Check
from mailer.i18n import Translator
from tests.conftest import NOW
from tests.web.identity import CLIENT, SECRET, Identity, identity_provider

NAME = "Single sign-on"
Look = Callable[..., Check]


@pytest.fixture
def identity() -> Iterator[Identity]:
    with identity_provider(int(NOW.timestamp())) as found:
        yield found


@pytest.fixture
def look(tmp_path: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> Look:
    """The check, with these settings in the place of right ones."""
    app.init_workspace(folder := tmp_path / "network")

    def looked(base_url: str = "http://127.0.0.1:8025", **oidc: str) -> Check:
        monkeypatch.setenv("MAILER_BASE_URL", base_url)
        right = {"issuer": identity.url, "client_id": CLIENT, "client_secret": SECRET}
        for name, value in (right | oidc).items():
            monkeypatch.setenv(f"MAILER_OIDC__{name.upper()}", value)
        return {each.name: each for each in app.examine(folder)}[NAME]

    return looked


def codes(check: Check) -> list[str]:
    return [each.code for each in check.problems]


def test_a_sound_provider_is_said_with_the_address_to_register(look: Look, identity: Identity) -> None:
    found = look()
    assert found.ok
    said = found.said(Translator("fr"))
    assert identity.url in said
    assert "http://127.0.0.1:8025/connexion/externe/retour" in said
    assert identity.asked == []


def test_without_any_setting_nothing_is_said(tmp_path: Path) -> None:
    app.init_workspace(folder := tmp_path / "network")
    assert NAME not in [each.name for each in app.examine(folder)]


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_a_missing_setting_is_named_and_no_secret_is_shown(look: Look, name: str) -> None:
    found = look(**{name: ""})
    assert codes(found) == ["oidc-setting"]
    said = found.said(Translator("fr"))
    assert f"oidc.{name}" in said
    assert SECRET not in f"{said} {found!r}"


def test_a_forgotten_issuer_is_named_and_nobody_is_asked(look: Look) -> None:
    found = look(issuer="")
    assert codes(found) == ["oidc-setting"]
    assert "oidc.issuer" in found.said(Translator("en"))


@pytest.mark.parametrize(
    "issuer", ["http://compte.reseau.example", "https://[compte", "compte.reseau.example"]
)
def test_an_issuer_over_plain_http_or_without_a_sound_address_is_not_asked(look: Look, issuer: str) -> None:
    assert codes(look(issuer=issuer)) == ["oidc-issuer"]


def test_a_desk_without_https_is_told(look: Look) -> None:
    found = look(base_url="http://lettres.reseau.example")
    assert codes(found) == ["oidc-back"]
    assert "http://lettres.reseau.example/connexion/externe/retour" in found.said(Translator("fr"))


def test_a_provider_that_is_away_is_told(look: Look) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = look(issuer=f"http://127.0.0.1:{probe.getsockname()[1]}")
    assert codes(found) == ["oidc-discovery"]
    assert "connection-refused" in found.said(Translator("fr"))


def test_a_page_that_is_no_description_is_told(look: Look, identity: Identity) -> None:
    found = look(issuer=f"{identity.url}/elsewhere")
    assert codes(found) == ["oidc-discovery"]
    assert "HTTP 400" in found.said(Translator("fr"))


DESCRIBED: list[tuple[dict[str, Any], str]] = [
    ({"issuer": "https://other.example"}, "oidc-issuer"),
    ({"token_endpoint": None}, "oidc-endpoints"),
    ({"jwks_uri": "http://keys.example"}, "oidc-endpoints"),
    ({"code_challenge_methods_supported": ["plain"]}, "oidc-pkce"),
]


@pytest.mark.parametrize(("described", "code"), DESCRIBED)
def test_what_its_description_lacks_is_told(
    look: Look, identity: Identity, described: dict[str, Any], code: str
) -> None:
    identity.described = described
    assert codes(look()) == [code]


def test_odd_lines_of_a_description_are_passed_over(look: Look, identity: Identity) -> None:
    identity.described = {"code_challenge_methods_supported": 7, "userinfo_endpoint": []}
    assert look().ok
