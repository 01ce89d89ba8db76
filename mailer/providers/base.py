"""The one interface of every provider, and the refusals of its webhooks.

The wire vocabulary (Message, SendResult, ProviderEvent, Capabilities …) is in mailer.model.mail.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mailer.errors import MailerError, Problem
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    RawRequest,
    Resolution,
    SendResult,
)


class BadSignature(MailerError):
    """A webhook that the provider did not sign, or signed too long ago: answer 401, record nothing."""


class Malformed(MailerError):
    """A signed webhook whose shape is not what the provider documents: answer 400, record nothing."""


class Outlet(Protocol):
    """Hands messages over. Safe to share between threads."""

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        """One result per message, in the same order; at most `caps.max_batch` messages.

        `attempt_key` is new for each attempt that may not be deduplicated with an earlier one. A refused recipient
        is a result; raises ProviderHalt only where nothing at all of this call was accepted.
        """


class Provider(Outlet, Protocol):
    """Hands messages over and says what became of them. Safe to share between threads."""

    @property
    def name(self) -> str:
        """As in `provider.name` and in `/hooks/<name>/…`."""

    @property
    def caps(self) -> Capabilities:
        """What this adapter can do; decides how doubts are settled."""

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        """What the provider knows of doubtful deliveries; one answer per question, all undecided if it cannot say."""

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        """The events of one webhook call, none for kinds that do not concern us.

        Raises BadSignature or Malformed, and then nothing of the request may be believed.
        """

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        """Events fetched from a mailbox; empty where webhooks bring them.

        A mail is put away when the event after its last one is asked for: commit each before going on. Raises
        MailerError where the mailbox cannot be read.
        """

    def check(self) -> list[Problem]:
        """What would keep a send from succeeding: address, credentials, clock. Sends nothing."""


def only(batch: Sequence[Message], caps: Capabilities) -> Sequence[Message]:
    """The batch, which must respect `caps.max_batch`: a halt in a longer one could hide an acceptance."""
    if len(batch) > caps.max_batch:
        raise ValueError(f"{len(batch)} messages in one call, at most {caps.max_batch}")
    return batch
