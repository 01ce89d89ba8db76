"""Mailjet (https://dev.mailjet.com): Send API v3.1.

Its Message-ID is its own; our key travels as `CustomID`, which events bring back and by which a mail is looked up
(class B). `DeduplicateCampaign` lets one send reach an address once: a look-up that was wrong harms nobody.

Why one message per call, where fifty are allowed: the sender writes one intent per mail and learns one fate per call;
a lost answer is then one doubt and not fifty, and a halt hides no acceptance.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from mailer.clock import Clock, SystemClock
from mailer.errors import Problem, SettingError
from mailer.model.mail import (
    Capabilities,
    Mailbox,
    Message,
    Pending,
    ProviderEvent,
    Rate,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
)
from mailer.providers import api, api_checks
from mailer.providers.base import only
from mailer.providers.http import Door, Limits
from mailer.providers.mailjet_answers import NAME, read_sent
from mailer.providers.mailjet_webhooks import read_webhook

URL = "https://api.mailjet.com"
_SEND = "/v3.1/send"
_LOOK_UP = "/v3/REST/message"
#: After how long a mail that was taken is surely listed; not documented, and a wrong answer is caught by
#: DeduplicateCampaign.
_SETTLE = timedelta(minutes=5)
#: Headers that may be set; the others have a property of their own (From, To, Subject, Reply-To) or are Mailjet's alone
#: (Message-ID, Date, List-Id, Feedback-ID: error send-0011, https://dev.mailjet.com/email/guides/send-api-v31/).
_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")

_NO_KEY = "Setting provider.api_key is missing. Write the two keys of the Mailjet account with a colon between: KEY:SECRET."


class Mailjet:
    """One Mailjet account (or sub-account) with its pair of keys, `key:secret`."""

    name = "mailjet"

    def __init__(
        self,
        api_key: str,
        *,
        url: str = URL,
        webhook_key: str = "",
        rate: Rate | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not all(part.strip() for part in api_key.partition(":")):
            raise SettingError(_NO_KEY)
        headers = {"Authorization": "Basic " + base64.b64encode(api_key.strip().encode()).decode()}
        self._door = Door(url, limits=limits, headers=headers)
        self._asking = Door(url, limits=api.ASKING, headers=headers)
        self._webhook_key = webhook_key
        self._clock = clock or SystemClock()
        self.caps = Capabilities(
            can_resolve=True, resolve_settle=_SETTLE, echoes_key=True, webhook="shared-secret", rate=rate
        )

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key  # CustomID and DeduplicateCampaign take its place
        return [self._send(message) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return api.look_up_each(asked, self._look_up)

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return read_webhook(request, self._webhook_key)

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return api_checks.check(
            self._asking,
            lambda: self._asking.get(f"{_LOOK_UP}?Limit=1"),
            provider=NAME,
            slug=self.name,
            webhook_key=bool(self._webhook_key),
            now=self._clock.now(),
        )

    def _send(self, message: Message) -> SendResult:
        if api.unwritable(message, _headers(message)):
            return api.refused_as_unwritable(message)
        answer = api.post(self._door, _SEND, request_body(message), provider=NAME, key=message.key)
        if isinstance(answer, SendResult):
            return answer
        return read_sent(answer, key=message.key, now=self._clock.now())

    def _look_up(self, pending: Pending) -> Resolution | None:
        """Found by our key alone: an entry that names another is not ours, and then nothing is sure."""
        answer = self._asking.get(f"{_LOOK_UP}?CustomID={quote(pending.key)}&ShowCustomID=true")
        found = api.parse(answer).get("Data")
        if answer.status != 200 or not isinstance(found, list):
            return None
        ours = [
            each for each in found if isinstance(each, dict) and each.get("CustomID", "") in {"", pending.key}
        ]
        if ours:
            return Resolution(pending.key, Resolved.PRESENT, _reference(ours[0]))
        return Resolution(pending.key, Resolved.UNDECIDED if found else Resolved.ABSENT)


def request_body(message: Message) -> bytes:
    """The call for one mail: the same bytes at every attempt. All is in the message, nothing in `Globals`, whose
    headers would replace or be replaced."""
    envelope = message.envelope
    mail: dict[str, Any] = {
        "From": _mailbox(envelope.sender),
        "To": [_mailbox(envelope.to)],
        "Subject": message.content.subject,
        "TextPart": message.content.text,
        "HTMLPart": message.content.html,
        "Headers": _headers(message),
        "CustomID": message.key,
        "CustomCampaign": message.tag,
        "DeduplicateCampaign": True,
        "TrackOpens": "disabled",
        "TrackClicks": "disabled",
    }
    if envelope.reply_to:
        mail["ReplyTo"] = {"Email": envelope.reply_to}
    return json.dumps({"Messages": [mail]}).encode()


def _headers(message: Message) -> dict[str, str]:
    return {name: message.headers[name] for name in _HEADERS if name in message.headers}


def _mailbox(box: Mailbox) -> dict[str, str]:
    return {"Email": box.address, "Name": box.name} if box.name else {"Email": box.address}


def _reference(entry: dict[str, Any]) -> str | None:
    number = entry.get("ID")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else None
