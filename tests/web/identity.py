"""A small real OpenID Connect provider over loopback HTTP: discovery, keys, authorization with PKCE, tokens.

It lets in whoever it is told to, at once. `spoil` changes what it signs; `asked` is what came to its token endpoint.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from authlib.common.security import generate_token
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "relais", "secret of the client"
_KEY = ECKey.generate_key("P-256", parameters={"kid": "one", "use": "sig", "alg": "ES256"})
_OTHER_KEY = ECKey.generate_key("P-256", parameters={"kid": "one", "use": "sig", "alg": "ES256"})


@dataclass
class Identity:
    """What the provider says of whoever comes. `url` is its issuer."""

    url: str
    now: int
    email: str = "claude@reseau.example"
    verified: object = True
    subject: str = "person-1"
    #: Where the address stands: in the ID token, or at the userinfo endpoint only.
    tells_in_token: bool = True
    #: Whether the person is asked for the log-in when the desk demands it; else the browser is known since an hour.
    asks_anew: bool = True
    forged: bool = False
    #: What its description says otherwise; None takes a line away.
    described: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[dict[str, Any]], object] = lambda claims: None
    asked: list[dict[str, str]] = field(default_factory=list)
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            **self.described,
        }
        return {name: value for name, value in told.items() if value is not None}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to."""
        code = generate_token(32)
        self.waiting[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], credentials: str) -> dict[str, Any] | None:
        """The tokens of a code, once, for the client that began, with the verifier of its challenge; else None."""
        self.asked.append(form)
        began = self.waiting.pop(form.get("code", ""), None)
        given = [unquote(each) for each in base64.b64decode(credentials).decode().split(":")]
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if began is None or given != [CLIENT, SECRET] or began["code_challenge"] != challenge:
            return None
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": began["nonce"],
        }
        if self.tells_in_token:
            claims |= {"email": self.email, "email_verified": self.verified}
        if "max_age" in began:
            claims["auth_time"] = (
                self.now if self.asks_anew and began["prompt"] == "login" else self.now - 3600
            )
        self.spoil(claims)
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, claims, _OTHER_KEY if self.forged else _KEY)
        return {"access_token": "bearer", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def user_info(self) -> dict[str, Any]:
        return {"sub": self.subject, "email": self.email, "email_verified": self.verified}


@contextmanager
def identity_provider(now: int) -> Iterator[Identity]:
    """The provider, served until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    identity = Identity(f"http://127.0.0.1:{server.server_port}", now)
    server.identity = identity  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield identity
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        identity: Identity = self.server.identity  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", identity.authorize(asked))
            self.end_headers()
        elif parts.path == "/userinfo" and self.headers.get("Authorization") != "Bearer bearer":
            self._say(None)
        else:
            pages: dict[str, Any] = {
                "/.well-known/openid-configuration": identity.metadata(),
                "/keys": KeySet([_KEY]).as_dict(),
                "/userinfo": identity.user_info(),
            }
            self._say(pages.get(parts.path))

    def do_POST(self) -> None:
        identity: Identity = self.server.identity  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        credentials = (self.headers.get("Authorization") or "").removeprefix("Basic ")
        self._say(identity.token(form, credentials))

    def _say(self, told: dict[str, Any] | None) -> None:
        body = json.dumps({"error": "invalid_grant"} if told is None else told).encode()
        self.send_response(400 if told is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""
