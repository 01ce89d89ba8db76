"""Just enough of Postal for the adapter's tests, written from providers.md 2.1 and not from the adapter."""

import base64
import hashlib
import json
import socket
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailer.model.mail import RawRequest
from tests.providers.samples import KEY, NOW
from tests.providers.scripted import ScriptedServer, answer


class Key:
    """A signing key as Postal publishes it."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        self.kid = hashlib.sha256(public).hexdigest()

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        n, e = (_encode(value) for value in (numbers.n, numbers.e))
        return {"kty": "RSA", "n": n, "e": e, "kid": self.kid, "use": "sig", "alg": "RS256"}

    def sign(self, body: bytes) -> dict[str, str]:
        new, old = (self.private.sign(body, PKCS1v15(), each()) for each in (SHA256, SHA1))
        return {
            "x-postal-signature": base64.b64encode(old).decode(),
            "x-postal-signature-256": base64.b64encode(new).decode(),
            "x-postal-signature-kid": self.kid,
        }


def _encode(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Postal:
    """A server that takes every mail; `keys` are the ones it publishes now."""

    def __init__(self, api_key: str, *keys: Key) -> None:
        self.api_key = api_key
        self.keys = list(keys)
        self.kept: list[bytes] = []
        self.asked_for_keys = 0
        self.server = ScriptedServer([])
        self.server.scripts.append(self._answer)

    def _answer(self, connection: socket.socket) -> None:
        request = self._request_of(connection)
        path = request.split(b" ")[1].decode()
        if path == "/.well-known/jwks.json":
            self.asked_for_keys += 1
            found: Any = {"keys": [key.jwk for key in self.keys]}
        else:
            found = self._api(path, request)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        answer(json.dumps(found), headers=f"Content-Type: application/json\r\nDate: {date}\r\n")(connection)

    def _request_of(self, connection: socket.socket) -> bytes:
        return self.server.latest[connection.fileno()]

    def _api(self, path: str, request: bytes) -> dict[str, Any]:
        head, _, body = request.partition(b"\r\n\r\n")
        if f"x-server-api-key: {self.api_key}".lower() not in head.decode().lower():
            return error("InvalidServerAPIKey")
        if path == "/api/v1/messages/message":
            return error("MessageNotFound")
        sent = json.loads(body)
        self.kept.append(base64.b64decode(sent["data"], validate=True))
        entry = {"id": len(self.kept), "token": "aB3dE5gH7jK9mN1p"}
        return success({"message_id": "x", "messages": {sent["rcpt_to"][0]: entry}})


def success(data: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "time": 0.02, "flags": {}, "data": data}


def error(code: str, message: str = "said") -> dict[str, Any]:
    return {"status": "error", "time": 0.0, "flags": {}, "data": {"code": code, "message": message}}


def about(**changes: Any) -> dict[str, Any]:
    """The `message` of a webhook."""
    return {
        "id": 1563,
        "token": "zw6psSlgo6ki",
        "direction": "outgoing",
        "message_id": f"{KEY}@reseau.example",
        "to": "a@ville.example",
        "from": "lettre@reseau.example",
        "subject": "S",
        "timestamp": NOW.timestamp() - 60,
        "spam_status": "NotChecked",
        "tag": "letter-12",
        **changes,
    }


def state(status: str, *, details: str = "", output: str = "", **changes: Any) -> dict[str, Any]:
    """The payload of MessageSent, MessageDelayed, MessageDeliveryFailed and MessageHeld."""
    return {
        "message": about(**changes),
        "status": status,
        "details": details,
        "output": output,
        "sent_with_ssl": False,
        "timestamp": NOW.timestamp() - 1.5,
        "time": 0.89,
    }


def hook(event: str, payload: object, *, age: float = 0.5, uuid: str = "58e8d7ee") -> bytes:
    envelope = {"event": event, "timestamp": NOW.timestamp() - age, "uuid": uuid, "payload": payload}
    return json.dumps(envelope).encode()


def request(body: bytes, headers: dict[str, str]) -> RawRequest:
    return RawRequest(headers=headers, body=body, received_at=NOW)
