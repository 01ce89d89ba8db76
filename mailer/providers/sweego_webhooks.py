"""Sweego's webhooks (https://learn.sweego.io/docs/webhooks): signed bytes in, events out.

`webhook-signature` is base64(HMAC-SHA256(key, "<webhook-id>.<webhook-timestamp>.<raw body>")), the key being the
base64-decoded secret of the webhook.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mailer.errors import SettingError
from mailer.model.mail import Kind, ProviderEvent, RawRequest
from mailer.providers import api_webhooks as webhooks
from mailer.providers.base import BadSignature
from mailer.providers.sweego_answers import NAME
from mailer.providers.wording import safe_detail

#: As Symfony's bridge has it; a clock may be this wrong (security S11).
_WINDOW = timedelta(seconds=300)

#: Hyphens and underscores change from one event to the next.
_KINDS = {
    "email_sent": Kind.ACCEPTED,
    "delivered": Kind.DELIVERED,
    "soft_bounce": Kind.SOFT_BOUNCE,
    "hard_bounce": Kind.HARD_BOUNCE,
    "list_unsub": Kind.UNSUBSCRIBE,
    "complaint": Kind.COMPLAINT,
}
#: Measured here or nowhere.
_DROPPED = {"email_opened", "email_clicked"}
_HEADER = "x-delivery"

_NO_SECRET = "Setting provider.webhook_key is not the secret of a Sweego webhook. Copy it whole, in base64."  # noqa: S105
_UNSIGNED = "This webhook was not signed by Sweego."
_STALE = "This webhook was signed at another time: {at}. Check this machine's clock."


def decode_secret(text: str) -> bytes:
    """The signing key; empty where none is set, and then no webhook is believed. Raises SettingError."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error) as error:
        raise SettingError(_NO_SECRET) from error


def read_webhook(request: RawRequest, secret: bytes) -> list[ProviderEvent]:
    """The events of one call; raises BadSignature before anything is parsed, then Malformed."""
    _verify(request, secret)
    found = webhooks.entries(request, provider=NAME)
    return [_event(each) for each in found if _name(each) not in _DROPPED]


def _verify(request: RawRequest, secret: bytes) -> None:
    headers = request.headers
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{webhook_id}.{stamp}.".encode("utf-8", "replace") + request.body
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
    given = headers.get("webhook-signature", "").encode("utf-8", "replace")
    if not (secret and webhook_id and stamp and hmac.compare_digest(given, expected)):
        raise BadSignature(_UNSIGNED)
    at = _signed_at(stamp)
    if abs(request.received_at - at) > _WINDOW:
        raise BadSignature(_STALE, at=at.isoformat())


def _signed_at(stamp: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature(_UNSIGNED) from error


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("event_type", "")).lower().replace("-", "_")


def _event(entry: Mapping[str, Any]) -> ProviderEvent:
    details = str(entry.get("details") or "")
    response = entry.get("response_code")
    event_id = webhooks.reference(entry.get("event_id"))
    if event_id is None:
        raise webhooks.malformed(NAME, "event_id")
    return ProviderEvent(
        provider="sweego",
        kind=_KINDS.get(_name(entry), Kind.NOTICE),
        at=_instant(entry.get("timestamp")),
        dedupe=event_id,
        key=_own_key(entry.get("headers")),
        provider_ref=webhooks.reference(entry.get("swg_uid")),
        recipient=str(entry["recipient"]) if entry.get("recipient") else None,
        smtp_code=webhooks.smtp_code(details) or (webhooks.smtp_code(str(response)) if response else None),
        detail=safe_detail(details),
    )


def _own_key(headers: object) -> str | None:
    """Header names come back in any case."""
    named = headers.items() if isinstance(headers, dict) else ()
    return next((webhooks.own_key(value) for name, value in named if str(name).lower() == _HEADER), None)


def _instant(value: object) -> datetime:
    """ISO 8601; an instant without offset (Sweego's opens and clicks have none) is taken for UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise webhooks.malformed(NAME, "timestamp") from error
