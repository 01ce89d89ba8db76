"""The public keys with which a Postal installation signs its webhooks: its JWK set, fetched and pinned."""

import base64
import json
import threading
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from mailer.providers.http import Door, NotSent, Unclear

PATH = "/.well-known/jwks.json"
_REFRESH_EVERY = timedelta(minutes=1)
#: Postal's older installations sign with 1024 bits (rules M25).
_FEWEST_BITS = 1024


class SigningKeys:
    """Keys by their id. A key once seen stays; an unknown id asks Postal again, at most once a minute."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPublicKey] = {}
        self._asked_at: datetime | None = None

    def find(self, key_id: str, *, at: datetime) -> RSAPublicKey | None:
        """The key with this id; `at` is the present instant, which a flood of unknown ids cannot hasten."""
        with self._lock:
            if key_id not in self._keys and self._may_ask(at):
                self._asked_at = at
                # Pinned: a later answer adds keys and never replaces one.
                self._keys = {**self.fetch(), **self._keys}
            return self._keys.get(key_id)

    def fetch(self) -> dict[str, RSAPublicKey]:
        """The keys that Postal publishes now; none where it does not answer."""
        try:
            answer = self._door.get(PATH)
        except (NotSent, Unclear):
            return {}
        return _read_set(answer.body) if answer.status == 200 else {}

    def _may_ask(self, at: datetime) -> bool:
        return self._asked_at is None or at - self._asked_at >= _REFRESH_EVERY


def _read_set(body: bytes) -> dict[str, RSAPublicKey]:
    try:
        entries = json.loads(body)["keys"]
        return {str(entry["kid"]): key for entry in entries if (key := _read_key(entry))}
    except (ValueError, KeyError, TypeError):
        return {}


def _read_key(entry: dict[str, Any]) -> RSAPublicKey | None:
    """One RSA key of a JWK set (RFC 7517, RFC 7518 6.3.1)."""
    if entry.get("kty") != "RSA":
        return None
    modulus, exponent = _number(entry["n"]), _number(entry["e"])
    if modulus.bit_length() < _FEWEST_BITS:
        return None
    return RSAPublicNumbers(e=exponent, n=modulus).public_key()


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
