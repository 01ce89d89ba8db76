"""Sweego (https://learn.sweego.io): a French company; `POST /send`, one recipient per call.

`/send/bulk/email` has one List-Unsubscribe for all its recipients, so it cannot carry a personal one-click address.
Our key travels as the header `X-Delivery`, which events bring back and the log keeps: a lost answer is looked up there
by address and told apart by that header (class B). Nothing deduplicates a second hand-over, so a look-up says "absent"
only where the log was read whole.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
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
    SendResult,
)
from mailer.providers import api, api_checks
from mailer.providers.base import only
from mailer.providers.http import Door, Limits
from mailer.providers.sweego_answers import NAME, read_sent
from mailer.providers.sweego_logs import SETTLE, ask, look_up
from mailer.providers.sweego_webhooks import decode_secret, read_webhook

URL = "https://api.sweego.io"
_SEND = "/send"
_LONGEST_TAG = 20
_UNSAFE_IN_TAG = re.compile(r"[^A-Za-z0-9-]")
_BREAKS_OUT = re.compile(r"[\x00-\x20<>,]")
#: Nobody's: the log is asked about it to see whether the key may read it.
_NOBODY = "nobody@relais.example"

_NO_KEY = "Setting provider.api_key is missing. Write an API key of the Sweego account."


class Sweego:
    """One Sweego account with one API key. `webhook_key` is the secret of its webhook, in base64 as Sweego shows it."""

    name = "sweego"

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
        if not api_key.strip():
            raise SettingError(_NO_KEY)
        headers = {"Api-Key": api_key.strip()}
        self._door = Door(url, limits=limits, headers=headers)
        self._asking = Door(url, limits=api.ASKING, headers=headers)
        self._secret = decode_secret(webhook_key)
        self._clock = clock or SystemClock()
        self.caps = Capabilities(
            can_resolve=True, resolve_settle=SETTLE, echoes_key=True, webhook="signed", rate=rate
        )

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key  # Sweego knows no idempotence
        return [self._send(message) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return api.look_up_each(asked, lambda pending: look_up(self._asking, pending))

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return read_webhook(request, self._secret)

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        now = self._clock.now()
        return api_checks.check(
            self._asking,
            lambda: ask(self._asking, _NOBODY, since=now),
            provider=NAME,
            slug=self.name,
            webhook_key=bool(self._secret),
            now=now,
        )

    def _send(self, message: Message) -> SendResult:
        envelope = message.envelope
        ways = (envelope.unsubscribe_mailto, envelope.unsubscribe_url)
        if api.unwritable(message, {}) or any(not way.isascii() or _BREAKS_OUT.search(way) for way in ways):
            return api.refused_as_unwritable(message)
        answer = api.post(self._door, _SEND, request_body(message), provider=NAME, key=message.key)
        if isinstance(answer, SendResult):
            return answer
        return read_sent(answer, key=message.key, now=self._clock.now())


def request_body(message: Message) -> bytes:
    """The call for one mail: the same bytes at every attempt."""
    envelope = message.envelope
    # A raw List-Unsubscribe header is not allowed; one-click wants the mailto form first, then the page.
    leave = f"<mailto:{envelope.unsubscribe_mailto}?subject=unsubscribe>,<{envelope.unsubscribe_url}>"
    mail: dict[str, Any] = {
        "channel": "email",
        "provider": "sweego",
        "campaign-type": "newsletter",
        "campaign-id": message.tag,
        "campaign-tags": [_tag(message.tag)],
        "from": _mailbox(envelope.sender),
        "recipients": [_mailbox(envelope.to)],
        "subject": message.content.subject,
        "message-html": message.content.html,
        "message-txt": message.content.text,
        "headers": {"X-Delivery": message.key},
        "tracking_open": False,
        "dry-run": False,
    }
    if envelope.unsubscribe_url:  # a mail of no list, such as a confirmation, has nothing to leave
        mail["list-unsub"] = {"method": "one-click", "value": leave}
    if envelope.reply_to:
        mail["reply-to"] = {"email": envelope.reply_to}
    return json.dumps(mail).encode()


def _tag(text: str) -> str:
    """The end of the name, which tells one send from another, in the letters that Sweego takes."""
    return _UNSAFE_IN_TAG.sub("-", text)[-_LONGEST_TAG:] or "relais"


def _mailbox(box: Mailbox) -> dict[str, str]:
    return {"email": box.address, "name": box.name} if box.name else {"email": box.address}
