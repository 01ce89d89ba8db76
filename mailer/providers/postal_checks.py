"""What would keep a send through Postal from succeeding, found without sending: asks for a message that cannot exist."""

import json
from datetime import datetime
from email.utils import parsedate_to_datetime

from mailer.errors import Problem, Severity
from mailer.providers.api import parse
from mailer.providers.api_checks import plain_http
from mailer.providers.http import Answer, Door, NotSent, Unclear
from mailer.providers.postal_answers import HALTS
from mailer.providers.postal_keys import SigningKeys

_LOOK_UP = "/api/v1/messages/message"
#: An integer, as Postal answers a text id with an HTML page; the last one that its database could give.
_NOBODY = json.dumps({"id": 2**31 - 1, "_expansions": []}).encode()
#: Half of what the window of webhooks tolerates.
_CLOCK_WARNING = 150.0

_REMEDIES = {
    "credentials": "Copy the key of an API credential of this server into provider.api_key.",
    "suspended": "Ask whoever runs the Postal server.",
    "unverified-sender": "Add and verify the sender's domain in Postal.",
}


def check(door: Door, keys: SigningKeys, *, now: datetime) -> list[Problem]:
    """Reach, credentials, clock, signing keys; in this order, and only the first where it explains the rest."""
    try:
        answer = door.post(_LOOK_UP, _NOBODY)
    except (NotSent, Unclear) as failure:
        return [_unreachable(door, failure.code)]
    refused = _refusal(door, answer)
    if refused is not None:
        return [refused]
    return [*plain_http(door, "postal"), *_clock(answer, now), *_keys(keys)]


def _refusal(door: Door, answer: Answer) -> Problem | None:
    data = parse(answer).get("data") if answer.status == 200 else None
    code = data.get("code") if isinstance(data, dict) else None
    if code == "MessageNotFound":
        return None
    if code in HALTS:
        return Problem(
            code=f"postal-{HALTS[code]}",
            message="Postal refuses us: {code}.",
            remedy=_REMEDIES[HALTS[code]],
            values={"code": code},
        )
    return Problem(
        code="postal-not-found",
        message="No Postal answers at {url} (HTTP {status}).",
        remedy="Check the address in provider.url.",
        values={"url": door.base_url, "status": answer.status},
    )


def _unreachable(door: Door, code: str) -> Problem:
    return Problem(
        code="postal-unreachable",
        message="The Postal server {url} does not answer ({code}).",
        remedy="Start it, or check the address in provider.url.",
        values={"url": door.base_url, "code": code},
    )


def _clock(answer: Answer, now: datetime) -> list[Problem]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return []
    apart = abs((theirs.replace(tzinfo=theirs.tzinfo or now.tzinfo) - now).total_seconds())
    if apart < _CLOCK_WARNING:
        return []
    return [
        Problem(
            code="postal-clock",
            message="The clocks of this machine and of the Postal server are {seconds} seconds apart.",
            remedy="Set both by NTP: webhooks signed more than five minutes ahead are refused.",
            values={"seconds": round(apart)},
            severity=Severity.WARNING,
        )
    ]


def _keys(keys: SigningKeys) -> list[Problem]:
    if keys.fetch():
        return []
    return [
        Problem(
            code="postal-no-signing-key",
            message="The Postal server publishes no signing key: its webhooks cannot be believed.",
            remedy="Update Postal to 3.2 or later.",
            severity=Severity.WARNING,
        )
    ]
