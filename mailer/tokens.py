"""Secrets, signatures and the personal addresses of pages: the only source of randomness.

A token is `base64url(payload) . base64url(HMAC-SHA256(key of its purpose, payload)[:16])`. Each purpose has a
key of its own, so a token for one act is worth nothing for another (security S9). The payload is the
delivery's key, itself an opaque HMAC: no address and no row number appears in clear.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from enum import StrEnum
from itertools import product
from pathlib import Path

from mailer.errors import SettingError, TokenError

_SIGNATURE_BYTES = 16


class Purpose(StrEnum):
    """What a token allows; the value is the path under which its page lives: `/<value>/<token>`."""

    OPEN = "o"
    CLICK = "c"
    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    VIEW = "v"
    CONSENT_YES = "oui"
    CONSENT_NO = "non"
    CONFIRM = "s"
    PROOF = "r"
    LOGIN = "l"
    EVENT = "agenda"
    SESSION = "session"
    SIGN_ON = "sign-on"
    SIGNED_ON_ANEW = "signed-on-anew"
    IMPORT = "import"
    ERASURE = "erasure"


#: Two characters of base32 for ten bits: the library's own spelling takes longer than the digest.
_PAIRS = [one + other for one, other in product("abcdefghijklmnopqrstuvwxyz234567", repeat=2)]


class Signer:
    """Signs and checks with one installation secret of at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise SettingError("The installation secret is shorter than 32 bytes. Restore the file `secret`.")
        self._secret = secret
        #: Purpose -> its key, once it was asked for: a mail has a dozen signatures.
        self._keys: dict[str, bytes] = {}

    def digest(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of the data under the purpose's own key: 32 bytes, the same for ever."""
        return hmac.digest(self._key(purpose), data, hashlib.sha256)

    def _key(self, purpose: str) -> bytes:
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = hmac.digest(self._secret, purpose.encode(), hashlib.sha256)
        return key

    def delivery_key(self, send_id: int, contact_id: int) -> str:
        """26 characters of base32, the same at every attempt; random-looking from its first character."""
        return self.delivery_keys(send_id)(contact_id)

    def delivery_keys(self, send_id: int) -> Callable[[int], str]:
        """The same for many people of one send: what gives each of them their key."""
        # Begun once: to begin anew for each person takes three times as long.
        begun = hmac.new(self._key("delivery"), f"{send_id}|".encode(), hashlib.sha256)

        def of(contact_id: int) -> str:
            each = begun.copy()
            each.update(b"%d" % contact_id)
            return _spelled(each.digest())

        return of

    def erased(self, address: str) -> str:
        """What an erased address leaves behind: it recognises the address, and does not give it away."""
        return f"hmac:{self.digest(Purpose.ERASURE, address.encode()).hex()}"

    def sign(self, purpose: str, payload: bytes) -> str:
        """A URL-safe token for this purpose."""
        return f"{encode(payload)}.{encode(self.digest(purpose, payload)[:_SIGNATURE_BYTES])}"

    def verify(self, purpose: str, token: str) -> bytes:
        """The payload of a token that we signed for this purpose; raises TokenError for any other text."""
        text, _, signature = token.partition(".")
        try:
            payload, given = decode(text), decode(signature)
        except (ValueError, binascii.Error) as error:
            raise TokenError("This link is not complete. Open it again from the e-mail.") from error
        if not hmac.compare_digest(self.digest(purpose, payload)[:_SIGNATURE_BYTES], given):
            raise TokenError("This link was not made by us, or not for this purpose.")
        return payload

    def url(self, base_url: str, purpose: Purpose, payload: bytes) -> str:
        """The personal address of a page: `base_url/<purpose>/<token>`."""
        return f"{base_url}/{purpose}/{self.sign(purpose, payload)}"


def _spelled(digest: bytes) -> str:
    """The first 26 characters of the digest in base32, of lower case."""
    number = int.from_bytes(digest[:17]) >> 6
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def encode(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The inverse of encode; raises ValueError for anything that encode does not produce."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data


def random_bytes(length: int) -> bytes:
    """Bytes nobody can guess."""
    return secrets.token_bytes(length)


def random_text(length: int = 32) -> str:
    """URL-safe text of that many random bytes."""
    return secrets.token_urlsafe(length)


def load_secret(path: Path) -> bytes:
    """The installation secret; drawn once, readable by its owner only. Safe to call from two processes at once."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    except OSError as error:
        raise SettingError(
            f"state_dir: cannot write the installation secret {path}: {error.strerror}"
        ) from error
    with os.fdopen(handle, "wb") as file:
        secret = random_bytes(32)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret
