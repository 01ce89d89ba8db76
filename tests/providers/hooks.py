"""Webhooks by hand: bodies, and the headers by which a provider that does not sign makes itself known."""

import base64
import json

from mailer.model.mail import RawRequest
from tests.providers.samples import NOW


def raw(body: object, headers: dict[str, str]) -> RawRequest:
    return RawRequest(headers=headers, body=json.dumps(body).encode(), received_at=NOW)


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
