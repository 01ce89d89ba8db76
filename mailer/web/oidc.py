"""OpenID Connect: an authorization code with PKCE, a state and a nonce; whom the provider vouches for.

Source: OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9700 (best current practice). authlib speaks it,
through requests like every call outwards; the extra `oidc` brings it.
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from mailer.errors import RefusedError, SettingError
from mailer.settings import OidcSettings
from mailer.tokens import random_text

_SECONDS = 10
#: How far two clocks may differ.
_LEEWAY_SECONDS = 60
_SCOPE = "openid email profile"
#: Signed by the provider's key, which it publishes; `none` and keys that we share with it are not taken.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the provider and back; the browser keeps it, signed, until it comes back."""

    state: str
    nonce: str
    verifier: str
    target: str
    #: The session that wants its owner to log in at the provider anew, and when it did; empty for a first log-in.
    session: str = ""
    began: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for. `address` is empty unless the provider has verified it."""

    subject: str
    address: str


def begin(
    settings: OidcSettings, *, back: str, target: str, session_digest: str = "", at: datetime | None = None
) -> tuple[str, Attempt]:
    """The provider's page to go to, and what must come back with its answer.

    With a session and the present instant the provider must ask for the log-in anew, though it knows the browser.
    """
    began = int(at.timestamp()) if at and session_digest else 0
    anew = {"prompt": "login", "max_age": "0"} if session_digest else {}
    with _session(settings, back) as session:
        found = _metadata(session, settings)
        attempt = Attempt(random_text(), random_text(), random_text(48), target, session_digest, began)
        url, _ = session.create_authorization_url(
            found["authorization_endpoint"],
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            **anew,
        )
    return str(url), attempt


def conclude(
    settings: OidcSettings, attempt: Attempt, answer: Mapping[str, str], *, back: str, at: datetime
) -> Person:
    """Whom the provider vouches for; raises RefusedError for an answer that is not to this attempt."""
    if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise RefusedError("This answer does not belong to your attempt to log in. Begin again.")
    if "code" not in answer:
        raise RefusedError(
            "The provider of the single sign-on let nobody in. Begin again, or use a password."
        )
    if "iss" in answer and answer["iss"] != settings.issuer:
        raise RefusedError("This answer does not belong to your attempt to log in. Begin again.")
    with _session(settings, back) as session:
        found = _metadata(session, settings)
        token = session.fetch_token(
            found["token_endpoint"],
            code=answer["code"],
            code_verifier=attempt.verifier,
            timeout=_SECONDS,
            allow_redirects=False,
        )
        claims = _claims(session, settings, found, token, attempt, at)
        told = claims if "email" in claims else _user_info(session, found, claims)
    verified = told.get("email_verified")
    address = told.get("email") if verified is True or verified == "true" else ""
    return Person(f"{settings.issuer} {claims['sub']}", address if isinstance(address, str) else "")


def written(attempt: Attempt) -> bytes:
    return json.dumps(asdict(attempt)).encode()


def read(text: bytes) -> Attempt:
    return Attempt(**json.loads(text))


@contextmanager
def _session(settings: OidcSettings, back: str) -> Iterator[Any]:
    """authlib's client; whatever goes wrong at the provider becomes one sentence."""
    _require_complete(settings)
    try:
        from authlib.common.errors import AuthlibBaseError
        from authlib.integrations.requests_client import OAuth2Session
        from joserfc.errors import JoseError
    except ModuleNotFoundError as error:
        raise SettingError(
            "Setting oidc.issuer: single sign-on needs the extra `oidc`. Install it: pip install 'mailer[oidc]'."
        ) from error
    session = OAuth2Session(
        settings.client_id,
        settings.client_secret.get_secret_value(),
        scope=_SCOPE,
        redirect_uri=back,
        code_challenge_method="S256",
    )
    session.trust_env = False
    try:
        with session:
            yield session
    except (AuthlibBaseError, JoseError, OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            "The provider of the single sign-on did not answer as it should ({reason}). Try again, or use a password.",
            reason=type(error).__name__,
        ) from error


def _require_complete(settings: OidcSettings) -> None:
    if not settings.issuer:
        raise SettingError("Setting oidc.issuer: single sign-on is not set up here. Log in with a password.")
    parts = urlsplit(settings.issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SettingError("Setting oidc.issuer: write the provider's address with https://.")
    if not settings.client_id or not settings.client_secret.get_secret_value():
        raise SettingError(
            "Settings oidc.client_id and oidc.client_secret: the provider gives both; set them."
        )


def _metadata(session: Any, settings: OidcSettings) -> dict[str, Any]:
    """What the provider says of itself; it must be the issuer that the setting names."""
    url = f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _get(session, url, withhold_token=True)
    if found.get("issuer") != settings.issuer:
        raise SettingError(
            "Setting oidc.issuer: this provider calls itself {issuer}. Write the setting exactly so.",
            issuer=str(found.get("issuer"))[:200],
        )
    return found


def _claims(
    session: Any,
    settings: OidcSettings,
    found: Mapping[str, Any],
    token: Mapping[str, Any],
    attempt: Attempt,
    at: datetime,
) -> dict[str, Any]:
    """What the ID token says, once its signature, issuer, audience, hours and nonce are checked (Core 3.1.3.7)."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(_get(session, found["jwks_uri"], withhold_token=True))  # type: ignore[arg-type]
    told = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
    claims = CodeIDToken(
        told.claims,
        told.header,
        options={
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        },
        params={
            "nonce": attempt.nonce,
            "client_id": settings.client_id,
            "access_token": token["access_token"],
        },
    )
    claims.validate(now=int(at.timestamp()), leeway=_LEEWAY_SECONDS)
    if attempt.session:
        _require_anew(claims.get("auth_time"), attempt)
    return dict(claims)


def _require_anew(logged_in_at: object, attempt: Attempt) -> None:
    """Core 3.1.2.1: asked with `max_age`, the provider says when it last saw the person log in."""
    is_anew = type(logged_in_at) is int and logged_in_at >= attempt.began - _LEEWAY_SECONDS
    if not is_anew:
        raise RefusedError(
            "The provider of the single sign-on did not ask you to log in anew, or does not say so. Nothing was changed."
        )


def _user_info(session: Any, found: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    """Where providers keep the address that their ID token lacks; it must be about the same person (Core 5.3.2)."""
    if "userinfo_endpoint" not in found:
        return {}
    told = _get(session, found["userinfo_endpoint"])
    return told if told.get("sub") == claims["sub"] else {}


def _get(session: Any, url: str, **options: Any) -> dict[str, Any]:
    answer = session.get(url, timeout=_SECONDS, allow_redirects=False, **options)
    if answer.status_code != 200:
        raise ValueError("not 200")
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
