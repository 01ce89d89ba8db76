"""What `mailer doctor` asks about single sign-on: the settings, then the provider's own description, and nothing else.

Source: OpenID Connect Discovery 1.0, section 4.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from mailer.errors import MailerError, Problem, SettingError
from mailer.providers.http import Door, Limits, NotSent, Unclear
from mailer.settings import OidcSettings, Settings

#: Where people come back to: the provider must know this address, below `base_url`.
BACK = "/connexion/externe/retour"
_PATH = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LIMITS = Limits(connect=5, read=10, total=15)


def is_wished(oidc: OidcSettings) -> bool:
    """Whether any of its settings is written: half of them is a mistake."""
    return bool(oidc.issuer or oidc.client_id or oidc.client_secret.get_secret_value())


def sign_on_problems(settings: Settings) -> Iterator[Problem]:
    """Everything that would keep people from coming in; the provider is asked once its address is sound."""
    oidc = settings.oidc
    yield from _of_settings(oidc)
    if not _is_safe(settings.base_url):
        yield Problem(
            code="oidc-back",
            message="Setting base_url: people would come back to {url}, in clear over the network; most providers refuse that.",
            remedy="Write it with https:// and register {back} at the provider.",
            values={"url": settings.base_url, "back": settings.base_url + BACK},
        )
    if oidc.issuer and _is_safe(oidc.issuer):
        yield from _of_provider(oidc)


def _of_settings(oidc: OidcSettings) -> Iterator[Problem]:
    if find_spec("authlib") is None:
        yield Problem(
            code="oidc-extra",
            message="Single sign-on needs the extra `oidc`, which is not installed.",
            remedy="Install it: pip install 'mailer[oidc]'.",
        )
    written = {
        "oidc.issuer": oidc.issuer,
        "oidc.client_id": oidc.client_id,
        "oidc.client_secret": oidc.client_secret.get_secret_value(),
    }
    for name, value in written.items():
        if not value:
            yield Problem(
                code="oidc-setting",
                message="Setting {name} is empty.",
                remedy="The provider gives it when this desk is registered there.",
                values={"name": name},
            )
    if oidc.issuer and not _is_safe(oidc.issuer):
        yield Problem(
            code="oidc-issuer",
            message="Setting oidc.issuer: {issuer} is not asked, since it does not begin with https://.",
            remedy="Write the provider's address with https://.",
            values={"issuer": oidc.issuer},
        )


def _of_provider(oidc: OidcSettings) -> Iterator[Problem]:
    try:
        found = _description(oidc.issuer)
    except (MailerError, ValueError) as error:
        yield Problem(
            code="oidc-discovery",
            message="{url} does not answer as a provider of OpenID Connect should: {reason}.",
            remedy="Compare oidc.issuer with what the provider's page says; is this machine allowed to reach it?",
            values={"url": oidc.issuer.rstrip("/") + _PATH, "reason": _reason(error)},
        )
        return
    if found.get("issuer") != oidc.issuer:
        yield Problem(
            code="oidc-issuer",
            message="The provider calls itself {issuer}, not {written}.",
            remedy="Write oidc.issuer exactly so, with or without its last slash.",
            values={"issuer": str(found.get("issuer"))[:200], "written": oidc.issuer},
        )
    yield from _of_description(found)


def _of_description(found: Mapping[str, Any]) -> Iterator[Problem]:
    unsafe = [name for name in _NEEDED if not _is_safe(str(found.get(name, "")))]
    if unsafe:
        yield Problem(
            code="oidc-endpoints",
            message="The provider does not say where to log in, or not with https://: {names}.",
            remedy="Ask whoever runs it.",
            values={"names": ", ".join(unsafe)},
        )
    methods = found.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        yield Problem(
            code="oidc-pkce",
            message="The provider does not know PKCE with S256, without which a stolen code would let a stranger in.",
            remedy="Ask whoever runs it to switch it on for this desk.",
        )


def _description(issuer: str) -> dict[str, Any]:
    door = Door(issuer, limits=_LIMITS)
    answer = door.get(_PATH)
    if answer.status != 200:
        raise ValueError(f"HTTP {answer.status}")
    found = json.loads(answer.body)
    if not isinstance(found, dict):
        raise ValueError("JSON")  # of the provider's answer, like every other reason
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, NotSent | Unclear):
        return error.code
    if isinstance(error, SettingError):
        return "address"
    return str(error) if str(error).startswith("HTTP ") else "JSON"


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unfinished IPv6 address
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
