"""Values between the ledger and a provider: the wire vocabulary of every adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal


class Status(StrEnum):
    """What is known of one recipient after one attempt."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # permanent, this recipient only
    RETRY = "retry"  # certainly not accepted; may be tried again
    UNKNOWN = "unknown"  # in doubt
    NOT_TRIED = "not-tried"  # nothing left this machine; with `retry_after`, nothing will before


class Kind(StrEnum):
    """One vocabulary for what providers report; unknown types become NOTICE."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    SOFT_BOUNCE = "soft_bounce"
    HARD_BOUNCE = "hard_bounce"
    BLOCKED = "blocked"
    HELD = "held"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OPEN = "open"
    CLICK = "click"
    NOTICE = "notice"


class Resolved(StrEnum):
    """What a provider's look-up says of one doubtful delivery."""

    PRESENT = "present"
    ABSENT = "absent"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Person:
    """What may be merged into a mail: plain values, frozen with the delivery."""

    address: str
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """The personal addresses of one copy. `pixel` and `tracked` are None where nothing is measured.

    `tracked[n]` replaces `Compiled.links[n]`.
    """

    unsubscribe: str
    preferences: str
    view: str
    #: Where a letter that asks for the consent to be measured is answered.
    consent_yes: str = ""
    consent_no: str = ""
    pixel: str | None = None
    tracked: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """One copy, personalised."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address, as in `From:`."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of one copy that do not depend on its content (rules M1 to M20).

    `date` is the instant of freezing; `key` makes the Message-ID `<key@domain>`: every attempt repeats
    byte for byte.
    """

    key: str
    domain: str
    sender: Mailbox
    to: Mailbox
    reply_to: str
    date: datetime
    #: Empty, with the four below, in a mail that belongs to no list.
    list_name: str = ""
    list_id: str = ""
    feedback_id: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""

    @property
    def message_id(self) -> str:
        """Without angle brackets, as providers echo it."""
        return f"{self.key}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Message:
    """One recipient, fully rendered. `mime` is the whole message, CRLF, 7-bit safe."""

    key: str
    envelope: Envelope
    content: Content
    headers: Mapping[str, str]
    mime: bytes
    #: The campaign and send, for the provider's own statistics: no personal data.
    tag: str


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome for one message; `detail` is at most 250 characters and names no address."""

    key: str
    status: Status
    provider_ref: str | None = None
    retry_after: float | None = None
    http_status: int | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A doubtful delivery that a provider may look up."""

    key: str
    message_id: str
    address: str
    first_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class Resolution:
    key: str
    found: Resolved
    provider_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """What a webhook or a bounce mail says; matched by `key` first, `provider_ref` second."""

    provider: str
    kind: Kind
    at: datetime
    #: Unique with the provider's name: a replay is nothing.
    dedupe: str
    key: str | None = None
    provider_ref: str | None = None
    recipient: str | None = None
    smtp_code: str | None = None
    detail: str = ""
    url: str | None = None
    machine: bool | None = None


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A webhook as it came: raw bytes are verified before anything is parsed. Header names in lower case."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `messages` per `per`."""

    messages: int
    per: timedelta

    @property
    def per_second(self) -> float:
        return self.messages / self.per.total_seconds()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do; decides how doubts are settled. Shown by `mailer doctor`.

    A: `idempotency_ttl` (the same bytes with the same key are taken once). B: `can_resolve`. B': `echoes_key`
    (webhooks carry our key). C: none of these, a person decides.
    """

    max_batch: int = 1
    idempotency_ttl: timedelta | None = None
    can_resolve: bool = False
    resolve_settle: timedelta = timedelta(minutes=5)
    echoes_key: bool = False
    webhook: Literal["signed", "shared-secret", "none"] = "none"
    mailbox: bool = False
    rate: Rate | None = None

    @property
    def doubt_class(self) -> str:
        if self.idempotency_ttl is not None:
            return "A"
        if self.can_resolve:
            return "B"
        return "B'" if self.echoes_key else "C"
