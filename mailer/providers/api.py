"""What providers with an HTTP and JSON interface have in common: the call, what a status means, halts in words.

Each adapter keeps its own table of codes; here is only what none of them says differently.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mailer.errors import ProviderHalt
from mailer.i18n import marked
from mailer.model.mail import Message, Pending, Resolution, Resolved, SendResult, Status
from mailer.providers.http import Answer, Door, Limits, NotSent, Unclear
from mailer.providers.wording import safe_detail

#: A look-up or a check is worth less waiting than a mail: nothing is lost when it fails.
ASKING = Limits(connect=5.0, read=10.0, total=15.0)

#: As long as a delivery is retried at all (mailer.sending.outcomes).
_LONGEST_WAIT = 86_400.0
_TOO_LARGE = 413
_TOO_MANY = 429
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

#: A status that says the same whoever answers: nothing was taken, and no other mail would be.
HTTP_HALTS = {
    301: "redirect",
    302: "redirect",
    303: "redirect",
    307: "redirect",
    308: "redirect",
    401: "credentials",
    402: "no-credit",
    403: "suspended",
    404: "not-found",
    405: "not-found",
    407: "credentials",
    410: "not-found",
}

SENTENCES = {
    "credentials": marked("{provider} refuses our key ({code}). Check provider.api_key, then resume."),
    "suspended": marked(
        "{provider} has suspended or restricted our account ({code}). Ask {provider}, then resume."
    ),
    "unverified-sender": marked(
        "{provider} may not send for this sender ({code}). Validate its address or domain at {provider}, then resume."
    ),
    "no-credit": marked("Our account at {provider} has no credit left ({code}). Add some, then resume."),
    "redirect": marked(
        "{provider} redirects elsewhere (HTTP {code}). Write its final address in provider.url, then resume."
    ),
    "not-found": marked(
        "{provider} is not found at provider.url (HTTP {code}). Check the address, then resume."
    ),
    "certificate": marked(
        "The certificate of {provider} is not valid. Mend it, or the address in provider.url, then resume."
    ),
    "refused": marked(
        "{provider} refuses how our mails are made ({code}), and would refuse the others too. This one was not sent."
    ),
}


def halt(reason: str, *, provider: str, code: object) -> ProviderHalt:
    """The refusal of everything, in words. `code` is the provider's, and shown."""
    return ProviderHalt(reason, SENTENCES[reason], provider=provider, code=safe_detail(code)[:64])


def post(door: Door, path: str, body: bytes, *, provider: str, key: str) -> Answer | SendResult:
    """The answer; or what is known of the mail where there is none. Raises ProviderHalt for a false certificate."""
    try:
        return door.post(path, body)
    except NotSent as failure:
        if failure.code == "certificate":
            raise halt("certificate", provider=provider, code=failure.code) from failure
        return SendResult(key, Status.RETRY, code=failure.code)
    except Unclear as failure:
        return SendResult(key, Status.UNKNOWN, code=failure.code)


def read_status(
    answer: Answer, *, provider: str, key: str, now: datetime, wait_header: str = "Retry-After"
) -> SendResult:
    """What the status alone tells, where the body told nothing; raises ProviderHalt. Unlisted is a doubt."""
    if answer.status == _TOO_MANY:
        wait = retry_after(answer.headers.get(wait_header), now=now)
        return SendResult(key, Status.RETRY, retry_after=wait, http_status=429, code="too-many-requests")
    if answer.status == _TOO_LARGE:
        return SendResult(key, Status.REJECTED, http_status=413, code="too-large")
    if answer.status in HTTP_HALTS:
        raise halt(HTTP_HALTS[answer.status], provider=provider, code=answer.status)
    return SendResult(key, Status.UNKNOWN, http_status=answer.status, code=f"http-{answer.status}")


def look_up_each(asked: Sequence[Pending], ask: Callable[[Pending], Resolution | None]) -> list[Resolution]:
    """One question after the other. The first without an answer (None, NotSent, Unclear) leaves the rest undecided:
    a provider that is down holds nobody up."""
    told: list[Resolution] = []
    for pending in asked:
        try:
            resolution = ask(pending)
        except (NotSent, Unclear):
            resolution = None
        if resolution is None:
            break
        told.append(resolution)
    return [*told, *(Resolution(each.key, Resolved.UNDECIDED) for each in asked[len(told) :])]


def unwritable(message: Message, headers: Mapping[str, str]) -> bool:
    """Whether anything in the mail could start a header of its own at a provider that writes headers from JSON
    (security S4). Rendering refuses such data already; this is the second lock."""
    envelope = message.envelope
    shown = [
        message.content.subject,
        *(part for box in (envelope.sender, envelope.to) for part in (box.name, box.address)),
        envelope.reply_to,
    ]
    if any(_CONTROL.search(text) for text in shown):
        return True
    return any(not value.isascii() or _CONTROL.search(value) for value in headers.values())


def refused_as_unwritable(message: Message) -> SendResult:
    """Nothing was handed over."""
    return SendResult(message.key, Status.REJECTED, code="unwritable")


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
