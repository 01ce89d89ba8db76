"""Postal (MIT, https://docs.postalserver.io): the free mail server that a co-operative can run. Legacy API v1.

Why `send/raw`: `send/message` would overwrite our Message-ID, and webhooks bring ours back. Why one recipient per
call: Postal inserts recipients one by one without a transaction. Postal knows neither idempotence nor a look-up by
our id, so doubts wait for a webhook that carries our key (class B').
"""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from mailer.clock import Clock, SystemClock
from mailer.errors import Problem, ProviderHalt, SettingError
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    Rate,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
    Status,
)
from mailer.providers import postal_checks
from mailer.providers.base import only
from mailer.providers.http import Answer, Door, Limits, NotSent, Unclear
from mailer.providers.postal_answers import read_sent
from mailer.providers.postal_keys import SigningKeys
from mailer.providers.postal_webhooks import read_webhook

_SEND = "/api/v1/send/raw"
#: A webhook waits for the keys, and Postal waits five seconds for the webhook.
_KEY_LIMITS = Limits(connect=2.0, read=3.0, total=4.0)
_UNSAFE_IN_TAG = re.compile(r"[^A-Za-z0-9._:-]")

_NO_URL = "Setting provider.url is missing. Write the address of the Postal server, such as https://postal.reseau.example."
_NO_KEY = "Setting provider.api_key is missing. Write the key of an API credential of the Postal server."
_CERTIFICATE = (
    "The certificate of the Postal server is not valid. Mend it, or the address in provider.url, then resume."
)


class Postal:
    """One Postal server with one API credential."""

    name = "postal"

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        rate: Rate | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not url.strip():
            raise SettingError(_NO_URL)
        if not api_key.strip():
            raise SettingError(_NO_KEY)
        self._door = Door(url, limits=limits, headers={"X-Server-API-Key": api_key})
        self._keys = SigningKeys(Door(url, limits=_KEY_LIMITS))
        self._clock = clock or SystemClock()
        self.caps = Capabilities(echoes_key=True, webhook="signed", rate=rate)

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key  # Postal 3.3 has no idempotence (its pull request 3488)
        return [self._send(message) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        """Undecided: there is no look-up by our id."""
        return [Resolution(key=each.key, found=Resolved.UNDECIDED) for each in asked]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return read_webhook(request, self._keys)

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return postal_checks.check(self._door, self._keys, now=self._clock.now())

    def _send(self, message: Message) -> SendResult:
        try:
            answer = self._door.post(_SEND, request_body(message))
        except NotSent as failure:
            if failure.code == "certificate":
                raise ProviderHalt("certificate", _CERTIFICATE) from failure
            return SendResult(message.key, Status.RETRY, code=failure.code)
        except Unclear as failure:
            return SendResult(message.key, Status.UNKNOWN, code=failure.code)
        return self._read(answer, message)

    def _read(self, answer: Answer, message: Message) -> SendResult:
        recipient = message.envelope.to.address
        return read_sent(answer, key=message.key, recipient=recipient, now=self._clock.now())


def request_body(message: Message) -> bytes:
    """The call for one mail: the same bytes at every attempt."""
    envelope = {
        "mail_from": message.envelope.sender.address,
        "rcpt_to": [message.envelope.to.address],
        "bounce": False,
    }
    # Base64 has nothing that JSON would escape: encoding it a second time took a third of the whole call.
    data = base64.b64encode(_headers(message.tag) + message.mime)
    return json.dumps(envelope).encode()[:-1] + b', "data": "' + data + b'"}'


def _headers(tag: str) -> bytes:
    """Postal's own headers, before ours. `send/raw` ignores a `tag` parameter, and Postal reads this header instead.

    `X-AMP: skip` keeps Postal from rewriting links and adding a pixel of its own: opens are measured here or nowhere.
    """
    name = _UNSAFE_IN_TAG.sub("-", tag)
    return (f"X-Postal-Tag: {name}\r\n" if name else "").encode() + b"X-AMP: skip\r\n"
