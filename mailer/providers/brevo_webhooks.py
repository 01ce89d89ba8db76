"""Brevo's webhooks (https://developers.brevo.com/docs/transactional-webhooks): unsigned, so a secret path and a token
vouch for them; one event per call, or an array where they are batched; `id` is the webhook's and not the event's, so
an id is made up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailer.model.mail import Kind, ProviderEvent, RawRequest
from mailer.providers import api_webhooks as webhooks
from mailer.providers.brevo_answers import NAME
from mailer.providers.wording import safe_detail

#: Events by their letters alone: `hard_bounce`, `hardBounce` and `hard-bounce` are one.
_KINDS = {
    "request": Kind.ACCEPTED,
    "sent": Kind.ACCEPTED,
    "delivered": Kind.DELIVERED,
    "deferred": Kind.DEFERRED,
    "softbounce": Kind.SOFT_BOUNCE,
    "hardbounce": Kind.HARD_BOUNCE,
    "invalidemail": Kind.HARD_BOUNCE,
    "invalid": Kind.HARD_BOUNCE,
    "blocked": Kind.BLOCKED,
    "error": Kind.BLOCKED,  # Brevo took it and could not send it
    "spam": Kind.COMPLAINT,
    "complaint": Kind.COMPLAINT,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "unsubscribed": Kind.UNSUBSCRIBE,
}
#: Measured here or nowhere.
_DROPPED = {"opened", "uniqueopened", "proxyopen", "uniqueproxyopen", "openedproxy", "click", "clicked"}


def read_webhook(request: RawRequest, secret: str) -> list[ProviderEvent]:
    """The events of one call; raises BadSignature before anything is parsed, then Malformed."""
    webhooks.require_secret(request, secret, provider=NAME)
    found = webhooks.entries(request, provider=NAME)
    return [_event(each, request.received_at) for each in found if _letters(each) not in _DROPPED]


def _letters(entry: Mapping[str, Any]) -> str:
    return "".join(each for each in str(entry.get("event", "")).lower() if each.isalpha())


def _event(entry: Mapping[str, Any], received_at: datetime) -> ProviderEvent:
    event, key = _letters(entry), webhooks.own_key(entry.get("X-Mailin-custom"))
    reference = webhooks.reference(entry.get("message-id"))
    stamp = entry.get("ts_epoch") or entry.get("ts_event") or entry.get("ts") or entry.get("date")
    reason = str(entry.get("reason") or "")
    return ProviderEvent(
        provider="brevo",
        kind=_KINDS.get(event, Kind.NOTICE),
        at=_instant(entry.get("ts_epoch"), received_at),
        dedupe=webhooks.made_up_id(event, reference, key, stamp),
        key=key,
        provider_ref=reference,
        recipient=str(entry["email"]) if entry.get("email") else None,
        smtp_code=webhooks.smtp_code(reason),
        detail=safe_detail(reason),
    )


def _instant(milliseconds: object, received_at: datetime) -> datetime:
    """`ts_epoch` alone is UTC: `date`, `ts` and `ts_event` follow the account's time zone, so they are not read."""
    if milliseconds is None:
        return received_at
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        raise webhooks.malformed(NAME, "ts_epoch")
    seconds = milliseconds // 1000 if isinstance(milliseconds, int) else milliseconds / 1000
    return webhooks.instant(seconds, provider=NAME, where="ts_epoch")
