"""Brevo (https://developers.brevo.com): transactional mail, API v3.

Class A: a call whose `headers.idempotencyKey` was used before is not processed again, so a doubt is settled by the same
bytes with the same key. Its Message-ID is its own; our key travels as `X-Mailin-custom`, which events bring back.
There is no look-up worth the name: 300 calls an hour for all of them.

One message per call: the key covers a whole call, and a lost answer is then one doubt and not a thousand. Brevo cannot
switch its tracking off for one mail: that is a setting of the account (docs/reference/providers.md).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
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
    Resolved,
    SendResult,
)
from mailer.providers import api, api_checks
from mailer.providers.base import only
from mailer.providers.brevo_answers import NAME, read_sent
from mailer.providers.brevo_webhooks import read_webhook
from mailer.providers.http import Door, Limits

URL = "https://api.brevo.com"
_SEND = "/v3/smtp/email"
_ACCOUNT = "/v3/account"
#: The guide says 30 minutes, the announcement of 2021 says 15: the shorter one is safe with both.
_KEY_LIVES = timedelta(minutes=15)
#: The others have a field of their own (From, To, Subject, Reply-To) or are Brevo's alone (Message-ID, Date, List-Id).
_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")
#: Not documented for tags: what Postal and Mailjet take is plain enough for anybody.
_UNSAFE_IN_TAG = re.compile(r"[^A-Za-z0-9._:-]")

_NO_KEY = "Setting provider.api_key is missing. Write an API key (v3) of the Brevo account."


class Brevo:
    """One Brevo account with one API key."""

    name = "brevo"

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
        headers = {"api-key": api_key.strip(), "Accept": "application/json"}
        self._door = Door(url, limits=limits, headers=headers)
        self._asking = Door(url, limits=api.ASKING, headers=headers)
        self._webhook_key = webhook_key
        self._clock = clock or SystemClock()
        self.caps = Capabilities(
            idempotency_ttl=_KEY_LIVES, echoes_key=True, webhook="shared-secret", rate=rate
        )

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        return [self._send(message, attempt_key) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        """Undecided: doubts are repeated with their key, and then wait for the event that carries ours."""
        return [Resolution(key=each.key, found=Resolved.UNDECIDED) for each in asked]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return read_webhook(request, self._webhook_key)

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return api_checks.check(
            self._asking,
            lambda: self._asking.get(_ACCOUNT),
            provider=NAME,
            slug=self.name,
            webhook_key=bool(self._webhook_key),
            now=self._clock.now(),
        )

    def _send(self, message: Message, attempt_key: UUID) -> SendResult:
        if api.unwritable(message, _headers(message)):
            return api.refused_as_unwritable(message)
        body = request_body(message, attempt_key)
        answer = api.post(self._door, _SEND, body, provider=NAME, key=message.key)
        if isinstance(answer, SendResult):
            return answer
        return read_sent(answer, key=message.key, now=self._clock.now())


def request_body(message: Message, attempt_key: UUID) -> bytes:
    """The call for one mail: with the same attempt key the same bytes."""
    envelope = message.envelope
    mail: dict[str, Any] = {
        "sender": _mailbox(envelope.sender),
        "to": [_mailbox(envelope.to)],
        "subject": message.content.subject,
        "htmlContent": message.content.html,
        "textContent": message.content.text,
        "headers": {
            **_headers(message),
            "X-Mailin-custom": message.key,
            "idempotencyKey": str(idempotency_key(message.key, attempt_key)),
        },
        "tags": [_UNSAFE_IN_TAG.sub("-", message.tag)],
    }
    if envelope.reply_to:
        mail["replyTo"] = {"email": envelope.reply_to}
    return json.dumps(mail).encode()


def idempotency_key(key: str, attempt_key: UUID) -> UUID:
    """One per delivery and attempt key, in the shape of a random UUID as Brevo asks for."""
    digest = hashlib.sha256(attempt_key.bytes + key.encode()).digest()
    return UUID(bytes=digest[:16], version=4)


def _headers(message: Message) -> dict[str, str]:
    return {name: message.headers[name] for name in _HEADERS if name in message.headers}


def _mailbox(box: Mailbox) -> dict[str, str]:
    return {"email": box.address, "name": box.name} if box.name else {"email": box.address}
