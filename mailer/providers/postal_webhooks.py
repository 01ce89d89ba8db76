"""Postal's webhooks: signed bytes in, events out (providers.md 2.1 and 4.5).

The address, user agent and place that Postal adds to its own opens and clicks are dropped unread.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from mailer.model.mail import Kind, ProviderEvent, RawRequest
from mailer.providers.base import BadSignature, Malformed
from mailer.providers.postal_keys import SigningKeys
from mailer.providers.wording import safe_detail

#: A clock may be this wrong (security S11) …
_CLOCK_TOLERANCE = timedelta(minutes=5)
#: … and Postal repeats the *same signed bytes* after 2, 3, 6, 10 and 15 more minutes: 36 in all, plus its time-outs.
#: The window only has to be shorter than we remember events; inside it a replay is found by its dedupe key.
_OLDEST = timedelta(minutes=40) + _CLOCK_TOLERANCE

_KINDS = {
    "Sent": Kind.DELIVERED,
    "SoftFail": Kind.DEFERRED,
    "HardFail": Kind.HARD_BOUNCE,
    "Bounced": Kind.HARD_BOUNCE,
    "Held": Kind.HELD,
}
_KEY = re.compile(r"<?([a-z0-9]{26})@[^\s@<>]+>?")
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_BASIC = re.compile(r"\s*([245]\d\d)\b")

_UNSIGNED = "This webhook was not signed by the Postal server."
_STALE = "This webhook was signed at another time: {at}. Check the clocks of both servers."
_MALFORMED = "This webhook is signed, but not shaped as Postal documents it: {where}."


def read_webhook(request: RawRequest, keys: SigningKeys) -> list[ProviderEvent]:
    """The events of one call; raises BadSignature before anything is parsed, then Malformed."""
    _verify(request, keys)
    envelope = _object(_parse(request.body), "envelope")
    at = _instant(envelope.get("timestamp"), "timestamp")
    if not request.received_at - _OLDEST <= at <= request.received_at + _CLOCK_TOLERANCE:
        raise BadSignature(_STALE, at=at.isoformat())
    return _read_payload(str(envelope.get("event", "")), envelope, at)


def _verify(request: RawRequest, keys: SigningKeys) -> None:
    """SHA-256 only: a call signed with SHA-1 alone (Postal before 3.2) is refused."""
    try:
        signature = base64.b64decode(request.headers.get("x-postal-signature-256", ""), validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadSignature(_UNSIGNED) from error
    key_id = request.headers.get("x-postal-signature-kid", "")
    key = keys.find(key_id, at=request.received_at) if signature and key_id else None
    if key is None:
        raise BadSignature(_UNSIGNED)
    try:
        key.verify(signature, request.body, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise BadSignature(_UNSIGNED) from error


def _read_payload(event: str, envelope: Mapping[str, Any], at: datetime) -> list[ProviderEvent]:
    """The shape decides, not the name: a bounce, a state, a click, an open, or something to note."""
    payload = _object(envelope.get("payload"), "payload")
    uuid = str(envelope.get("uuid") or "")
    if not uuid:
        raise Malformed(_MALFORMED, where="uuid")
    message = payload.get("original_message", payload.get("message"))
    if not isinstance(message, dict):
        return [ProviderEvent("postal", Kind.NOTICE, at, dedupe=uuid, detail=safe_detail(event))]
    if message.get("direction") == "incoming":
        return []
    if "original_message" in payload:
        return [_about(message, Kind.HARD_BOUNCE, at, dedupe=f"bounced|{message.get('id')}|{uuid}")]
    if "status" in payload:
        return [_state(event, message, payload)]
    if "url" in payload:
        return [_about(message, Kind.CLICK, at, dedupe=uuid, url=str(payload["url"]))]
    kind = Kind.OPEN if "user_agent" in payload else Kind.NOTICE
    return [_about(message, kind, at, dedupe=uuid, detail=event if kind is Kind.NOTICE else "")]


def _state(event: str, message: Mapping[str, Any], payload: Mapping[str, Any]) -> ProviderEvent:
    """One attempt of delivery.

    Two hooks that point at us have two uuids for it: what it is about and when names it once for both.
    """
    at = _instant(payload.get("timestamp"), "payload.timestamp")
    output, details = str(payload.get("output") or ""), str(payload.get("details") or "")
    kind = _KINDS.get(str(payload["status"]), Kind.NOTICE)
    if kind is Kind.HELD and "suppression list" in details.lower():
        kind = Kind.BLOCKED
    return _about(
        message,
        kind,
        at,
        dedupe=f"{event}|{message.get('id')}|{payload['timestamp']}",
        smtp_code=_smtp_code(output),
        detail=f"{details} {output}",
    )


def _about(
    message: Mapping[str, Any],
    kind: Kind,
    at: datetime,
    *,
    dedupe: str,
    smtp_code: str | None = None,
    detail: str = "",
    url: str | None = None,
) -> ProviderEvent:
    key = _KEY.fullmatch(str(message.get("message_id", "")))
    return ProviderEvent(
        provider="postal",
        kind=kind,
        at=at,
        dedupe=dedupe,
        key=key.group(1) if key else None,
        provider_ref=str(message["id"]) if "id" in message else None,
        recipient=str(message["to"]) if message.get("to") else None,
        smtp_code=smtp_code,
        detail=safe_detail(detail),
        url=url,
    )


def _smtp_code(output: str) -> str | None:
    """The enhanced code (RFC 3463) if the other server gave one, else its three digits."""
    found = _ENHANCED.search(output) or _BASIC.match(output)
    return found.group(1) if found else None


def _parse(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(_MALFORMED, where="JSON") from error


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(_MALFORMED, where=where)
    return value


def _instant(value: object, where: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(_MALFORMED, where=where)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(_MALFORMED, where=where) from error
