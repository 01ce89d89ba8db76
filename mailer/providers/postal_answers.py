"""What each answer of Postal's API to `send/raw` means for one recipient: the table of providers.md 2.1 and 4.4.

Postal answers 200 to everything, and the truth is `status` in the JSON; any other HTTP status comes from a proxy
before it, or from a crash behind it. Only what is listed here may mean "not accepted": all else is a doubt.
"""

import json
import math
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mailer.errors import ProviderHalt
from mailer.model.mail import SendResult, Status
from mailer.providers.http import Answer
from mailer.providers.wording import safe_detail

#: As long as a delivery is retried at all (mailer.sending.outcomes).
_LONGEST_WAIT = 86_400.0

#: Postal's codes that concern every mail -> reason of the halt.
HALTS = {
    "AccessDenied": "credentials",
    "InvalidServerAPIKey": "credentials",
    "ServerSuspended": "suspended",
    "UnauthenticatedFromAddress": "unverified-sender",
}
#: Postal's codes that concern this mail for ever: we built it wrongly.
REJECTIONS = {
    "NoRecipients",
    "NoContent",
    "TooManyToAddresses",
    "TooManyCCAddresses",
    "TooManyBCCAddresses",
    "FromAddressMissing",
    "AttachmentMissingName",
    "AttachmentMissingData",
}
#: A proxy's or router's refusal, before Postal: the request went to the wrong place or may not pass.
_HTTP_HALTS = {
    301: "redirect",
    302: "redirect",
    303: "redirect",
    307: "redirect",
    308: "redirect",
    400: "not-postal",
    401: "credentials",
    403: "credentials",
    404: "not-postal",
    405: "not-postal",
    407: "credentials",
    410: "not-postal",
}
_TOO_LARGE = 413
_TOO_MANY = 429

_SENTENCES = {
    "credentials": "Postal refuses our key ({code}). Check provider.api_key, then resume.",
    "suspended": "The Postal server is suspended ({code}). Ask whoever runs it, then resume.",
    "unverified-sender": "Postal may not send for this sender ({code}). Add its domain in Postal, then resume.",
    "redirect": "The Postal server redirects elsewhere (HTTP {code}). Write its final address in provider.url, then "
    "resume.",
    "not-postal": "No Postal answers at provider.url (HTTP {code}). Check the address, then resume.",
}


def read_sent(answer: Answer, *, key: str, recipient: str, now: datetime) -> SendResult:
    """The result of one call; raises ProviderHalt where Postal, or a proxy, refuses everything."""
    if answer.status == 200:
        return _read_envelope(answer, key=key, recipient=recipient)
    if answer.status == _TOO_MANY:
        wait = retry_after(answer.headers.get("Retry-After"), now=now)
        return SendResult(key, Status.RETRY, retry_after=wait, http_status=429, code="too-many-requests")
    if answer.status == _TOO_LARGE:
        return SendResult(key, Status.REJECTED, http_status=413, code="too-large")
    if answer.status in _HTTP_HALTS:
        raise halt(_HTTP_HALTS[answer.status], str(answer.status))
    return SendResult(key, Status.UNKNOWN, http_status=answer.status, code=f"http-{answer.status}")


def _read_envelope(answer: Answer, *, key: str, recipient: str) -> SendResult:
    envelope = parse(answer)
    status, data = envelope.get("status"), envelope.get("data")
    if not isinstance(data, dict):
        return SendResult(key, Status.UNKNOWN, http_status=200, code="unreadable-answer")
    if status == "success":
        return _read_success(data, key=key, recipient=recipient)
    detail = safe_detail(data.get("message", ""))
    if status == "parameter-error":
        return SendResult(key, Status.REJECTED, http_status=200, code="parameter-error", detail=detail)
    code = str(data.get("code", ""))
    if status == "error" and code in HALTS:
        raise halt(HALTS[code], code)
    if status == "error" and code in REJECTIONS:
        return SendResult(key, Status.REJECTED, http_status=200, code=code, detail=detail)
    return SendResult(key, Status.UNKNOWN, http_status=200, code=safe_detail(code) or "unreadable-answer")


def _read_success(data: dict[str, Any], *, key: str, recipient: str) -> SendResult:
    messages = data.get("messages")
    entry = messages.get(recipient) if isinstance(messages, dict) else None
    if not isinstance(entry, dict) or "id" not in entry:
        return SendResult(key, Status.UNKNOWN, http_status=200, code="recipient-missing")
    return SendResult(key, Status.ACCEPTED, provider_ref=str(entry["id"]), http_status=200)


def halt(reason: str, code: str) -> ProviderHalt:
    """The refusal of everything, in words."""
    return ProviderHalt(reason, _SENTENCES[reason], code=code)


def parse(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none (HTML, truncated, compressed)."""
    try:
        envelope = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return envelope if isinstance(envelope, dict) else {}


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait: from a number or an HTTP-date (RFC 9110 10.2.3), at most a day; None if it says nothing."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _until(value, now)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else _LONGEST_WAIT


def _until(value: str, now: datetime) -> float:
    moment = parsedate_to_datetime(value)
    return (moment.replace(tzinfo=moment.tzinfo or now.tzinfo) - now).total_seconds()
