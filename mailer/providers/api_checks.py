"""What would keep a send through a JSON interface from succeeding: reach, key, address, clock, webhooks."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from mailer.errors import Problem, Severity
from mailer.i18n import marked
from mailer.providers.api import HTTP_HALTS, parse
from mailer.providers.http import Answer, Door, NotSent, Unclear

#: Half of what the window of signed webhooks tolerates.
_CLOCK_WARNING = 150.0

_MESSAGES = {
    "credentials": marked("{provider} refuses our key (HTTP {status})."),
    "suspended": marked("{provider} refuses what we ask for (HTTP {status}): the account is restricted."),
    "no-credit": marked("Our account at {provider} has no credit left (HTTP {status})."),
    "redirect": marked("{provider} redirects from {url} elsewhere (HTTP {status})."),
    "not-found": marked("{provider} is not found at {url} (HTTP {status})."),
}
_REMEDIES = {
    "credentials": marked("Copy the key of your account into provider.api_key."),
    "suspended": marked("Ask the provider what the account may do."),
    "no-credit": marked("Add credit to the account."),
    "redirect": marked("Write the final address in provider.url."),
    "not-found": marked("Check the address in provider.url, or leave it empty."),
}


def check(
    door: Door, ask: Callable[[], Answer], *, provider: str, slug: str, webhook_key: bool, now: datetime
) -> list[Problem]:
    """`ask` is one question that sends nothing; only the first fault is told where it explains the rest."""
    try:
        answer = ask()
    except (NotSent, Unclear) as failure:
        values: dict[str, object] = {"provider": provider, "url": door.base_url, "code": failure.code}
        return [
            Problem(
                code=f"{slug}-unreachable",
                message="{provider} does not answer at {url} ({code}).",
                remedy="Check the network and the address in provider.url.",
                values=values,
            )
        ]
    refused = _refusal(answer, door, provider=provider, slug=slug)
    if refused is not None:
        return [refused]
    return [
        *plain_http(door, slug),
        *_clock(answer, provider, slug, now),
        *([] if webhook_key else [_deaf(provider, slug)]),
    ]


def _refusal(answer: Answer, door: Door, *, provider: str, slug: str) -> Problem | None:
    """Success is a JSON object and 200; a page of HTML is somebody else's."""
    if answer.status == 200 and parse(answer):
        return None
    reason = HTTP_HALTS.get(answer.status, "not-found")
    return Problem(
        code=f"{slug}-{reason}",
        message=_MESSAGES[reason],
        remedy=_REMEDIES[reason],
        values={"provider": provider, "url": door.base_url, "status": answer.status},
    )


def plain_http(door: Door, slug: str) -> list[Problem]:
    """A warning where the key would travel for everybody to read; this machine is no journey."""
    parts = urlsplit(door.base_url)
    if parts.scheme == "https" or _is_this_machine(parts.hostname or ""):
        return []
    return [
        Problem(
            code=f"{slug}-not-encrypted",
            message="The key and every mail travel to {url} unencrypted.",
            remedy="Use https in provider.url.",
            values={"url": door.base_url},
            severity=Severity.WARNING,
        )
    ]


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _clock(answer: Answer, provider: str, slug: str, now: datetime) -> list[Problem]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return []
    apart = abs((theirs.replace(tzinfo=theirs.tzinfo or now.tzinfo) - now).total_seconds())
    if apart < _CLOCK_WARNING:
        return []
    return [
        Problem(
            code=f"{slug}-clock",
            message="The clocks of this machine and of {provider} are {seconds} seconds apart.",
            remedy="Set this machine's clock by NTP: webhooks signed at another time are refused.",
            values={"provider": provider, "seconds": round(apart)},
            severity=Severity.WARNING,
        )
    ]


def _deaf(provider: str, slug: str) -> Problem:
    return Problem(
        code=f"{slug}-no-webhook-key",
        message="Nothing that {provider} reports is believed: bounces and complaints stay unknown here.",
        remedy="Set provider.webhook_key as described for {provider} in the reference of providers.",
        values={"provider": provider},
        severity=Severity.WARNING,
    )
