"""What the webhooks of providers with a JSON interface have in common: secrets, shapes, instants, made-up event ids.

The provider's own opens and clicks are dropped unread, with the reader's address, user agent and place: opens are
measured here, with consent, or nowhere.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mailer.model.mail import RawRequest
from mailer.providers.base import BadSignature, Malformed

_KEY = re.compile(r"[a-z0-9]{26}")
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_BASIC = re.compile(r"(?:^|[\s(])([245]\d\d)\b")

_UNSIGNED = "This webhook does not carry the secret that {provider} was given: provider.webhook_key."
_MALFORMED = "This webhook is not shaped as {provider} documents it: {where}."


def require_secret(request: RawRequest, secret: str, *, provider: str) -> None:
    """For providers that do not sign: `Authorization: Bearer <secret>`, or Basic with the secret as password and any
    name. Raises BadSignature, always so where no secret is set: what nobody vouches for is not believed."""
    given = _presented(request.headers.get("authorization", ""))
    if not secret or not hmac.compare_digest(given, secret.encode()):
        raise BadSignature(_UNSIGNED, provider=provider)


def _presented(header: str) -> bytes:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("utf-8", "replace")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
    except (ValueError, binascii.Error):
        return b""


def entries(request: RawRequest, *, provider: str) -> list[Mapping[str, Any]]:
    """The objects of a call: one bare, or an array of them. Whole numbers stay exact, however long."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise malformed(provider, "JSON") from error
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise malformed(provider, "events")
    return listed


def malformed(provider: str, where: str) -> Malformed:
    return Malformed(_MALFORMED, provider=provider, where=where)


def instant(seconds: object, *, provider: str, where: str) -> datetime:
    """An instant from seconds since 1970; raises Malformed for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise malformed(provider, where)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise malformed(provider, where) from error


def own_key(value: object) -> str | None:
    """Our delivery's key, if that is what the provider carried for us."""
    return value if isinstance(value, str) and _KEY.fullmatch(value) else None


def reference(value: object) -> str | None:
    """The provider's own id of a mail: a text, or a whole number of up to 64 bits."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def made_up_id(*parts: object) -> str:
    """An id for an event that has none: the same for a repetition. Without the address, which a hash does not hide."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()


def smtp_code(text: str) -> str | None:
    """The enhanced code (RFC 3463) if the other server gave one, else its three digits."""
    found = _ENHANCED.search(text) or _BASIC.search(text)
    return found.group(1) if found else None
