"""The installation's RSA key: signs webhooks as Postal does, and is published for who verifies them."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_KEY_BITS = 2048


class SigningKey:
    """One RSA-2048 key. Safe to share between threads."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key
        self._kid = hashlib.sha256(self._public(serialization.PublicFormat.PKCS1)).hexdigest()

    @classmethod
    def draw(cls) -> "SigningKey":
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS))

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """The key of this file; drawn and written, readable by its owner only, if there is none."""
        if not path.exists():
            _write(path, cls.draw()._pem())
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return cls(key)

    def headers(self, body: bytes) -> dict[str, str]:
        """The three signature headers over the raw body (RSA PKCS#1 v1.5)."""
        # SHA-1 is what Postal sends beside SHA-256, for receivers older than its 3.2.
        old = self._key.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
        new = self._key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "X-Postal-Signature": base64.b64encode(old).decode(),
            "X-Postal-Signature-256": base64.b64encode(new).decode(),
            "X-Postal-Signature-KID": self._kid,
        }

    def jwks(self) -> dict[str, Any]:
        """The document under /.well-known/jwks.json."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e), "kid": self._kid}
        return {"keys": [{**key, "use": "sig", "alg": "RS256"}]}

    def dkim_record(self) -> str:
        """The TXT record that Postal prints as its default; `p=` is the public key as SPKI in base64."""
        public = base64.b64encode(self._public(serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
        return f"v=DKIM1; t=s; h=sha256; p={public};"

    def _public(self, form: serialization.PublicFormat) -> bytes:
        return self._key.public_key().public_bytes(serialization.Encoding.DER, form)

    def _pem(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def _write(path: Path, pem: bytes) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def _integer(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
