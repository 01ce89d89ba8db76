"""A provider that follows a script, with a journal of what it took: the truth that the ledger is held against."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mailer.errors import Problem, ProviderHalt
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
    Status,
)

#: What happens to one message. `lost-reply`: taken, but the answer never comes back. `drop`: not taken, no answer.
ACCEPT, REJECT, RETRY, LOST_REPLY, DROP, HALT, RAISE = (
    "accept",
    "reject",
    "retry",
    "lost-reply",
    "drop",
    "halt",
    "raise",
)
Act = str | SendResult


def in_an_hour() -> Act:
    """Certainly not taken; to be tried again later than a run waits."""
    return SendResult("", Status.RETRY, retry_after=3600.0, code="slow-down")


@dataclass
class Scripted:
    """Acts for a key are used up one by one; without any, `otherwise`."""

    caps: Capabilities = field(default_factory=Capabilities)
    name: str = "scripted"
    otherwise: Act = ACCEPT
    #: Address -> acts still to come.
    script: dict[str, list[Act]] = field(default_factory=dict)
    #: Called with each message before anything happens to it.
    on_send: Callable[[Message], None] = lambda message: None  # a field's default
    #: Every message that was handed over, taken or not, in order.
    calls: list[Message] = field(default_factory=list)
    #: What the provider took, in order: with class A each key once.
    journal: list[Message] = field(default_factory=list)
    #: What a look-up says; None: the truth of the journal.
    resolved: Resolved | None = None
    asked: list[str] = field(default_factory=list)
    #: Assertions of `on_send` that failed.
    broken: list[AssertionError] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key
        return [self._one(message) for message in batch]

    def _one(self, message: Message) -> SendResult:
        try:
            self.on_send(message)
        except AssertionError as failure:  # the sender takes it for an adapter's fault: kept for the test
            self.broken.append(failure)
        with self._lock:
            self.calls.append(message)
            acts = self.script.get(message.envelope.to.address, [])
            act = acts.pop(0) if acts else self.otherwise
            if isinstance(act, SendResult):
                return SendResult(message.key, act.status, None, act.retry_after, act.http_status, act.code)
            if act in {ACCEPT, LOST_REPLY}:
                self._take(message)
        return _answer(message, act)

    def _take(self, message: Message) -> None:
        known = [each for each in self.journal if each.key == message.key]
        if self.caps.idempotency_ttl is None or not known:
            self.journal.append(message)

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        self.asked += [each.key for each in asked]
        taken = {message.key for message in self.journal}
        return [
            Resolution(
                each.key,
                self.resolved or (Resolved.PRESENT if each.key in taken else Resolved.ABSENT),
                f"ref-{each.key}",
            )
            for each in asked
        ]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        raise NotImplementedError

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return []

    @property
    def addresses(self) -> list[str]:
        """Who got it, sorted; somebody who got it twice stands there twice."""
        return sorted(message.envelope.to.address for message in self.journal)

    @property
    def bytes_by_key(self) -> dict[str, set[bytes]]:
        found: dict[str, set[bytes]] = {}
        for message in self.calls:
            found.setdefault(message.key, set()).add(message.mime)
        return found

    @property
    def times_taken(self) -> Counter[str]:
        return Counter(message.key for message in self.journal)


def _answer(message: Message, act: str) -> SendResult:
    if act == HALT:
        raise ProviderHalt("credentials", "The provider refuses our key.")
    if act == RAISE:
        raise ZeroDivisionError("an adapter's bug")
    status = {
        ACCEPT: Status.ACCEPTED,
        REJECT: Status.REJECTED,
        RETRY: Status.RETRY,
        LOST_REPLY: Status.UNKNOWN,
        DROP: Status.UNKNOWN,
    }[act]
    ref = f"ref-{message.key}" if act == ACCEPT else None
    return SendResult(message.key, status, provider_ref=ref, code="" if act == ACCEPT else act)
