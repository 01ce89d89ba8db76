"""Mailjet's webhooks (https://dev.mailjet.com/email/guides/webhooks/): unsigned, so a secret path and a password vouch
for them; an array of events or one bare; no id of an event, so one is made up.

Mailjet repeats a call every 30 seconds for a day until it is answered 200: how old an event is proves nothing.
"""

from collections.abc import Mapping
from typing import Any

from mailer.model.mail import Kind, ProviderEvent, RawRequest
from mailer.providers import api_webhooks as webhooks
from mailer.providers.mailjet_answers import NAME
from mailer.providers.wording import safe_detail

_KINDS = {
    "sent": Kind.DELIVERED,
    "blocked": Kind.BLOCKED,
    "spam": Kind.COMPLAINT,
    "unsub": Kind.UNSUBSCRIBE,
}
#: Measured here or nowhere.
_DROPPED = {"open", "click"}
#: A second hand-over that DeduplicateCampaign stopped: the first one went, and this person has the mail.
_DUPLICATE = "duplicate in campaign"
_GREYLISTED = "greylisted"


def read_webhook(request: RawRequest, secret: str) -> list[ProviderEvent]:
    """The events of one call; raises BadSignature before anything is parsed, then Malformed."""
    webhooks.require_secret(request, secret, provider=NAME)
    found = webhooks.entries(request, provider=NAME)
    return [_event(each) for each in found if each.get("event") not in _DROPPED]


def _event(entry: Mapping[str, Any]) -> ProviderEvent:
    event, key = str(entry.get("event", "")), webhooks.own_key(entry.get("CustomID"))
    reference = webhooks.reference(entry.get("MessageID"))
    said = " ".join(str(entry.get(name) or "") for name in ("error", "comment", "smtp_reply"))
    return ProviderEvent(
        provider="mailjet",
        kind=_kind(event, entry),
        at=webhooks.instant(entry.get("time"), provider=NAME, where="time"),
        dedupe=webhooks.made_up_id(event, reference, key, entry.get("time"), entry.get("error")),
        key=key,
        provider_ref=reference,
        recipient=str(entry["email"]) if entry.get("email") else None,
        smtp_code=webhooks.smtp_code(said),
        detail=safe_detail(said),
    )


def _kind(event: str, entry: Mapping[str, Any]) -> Kind:
    error = str(entry.get("error") or "").lower()
    if event == "blocked" and error == _DUPLICATE:
        return Kind.ACCEPTED
    if event != "bounce":
        return _KINDS.get(event, Kind.NOTICE)
    if entry.get("hard_bounce") is True:
        return Kind.HARD_BOUNCE
    return Kind.DEFERRED if error == _GREYLISTED else Kind.SOFT_BOUNCE
