"""Messages between us and the provider: a few threads post, whoever writes the ledger collects the answers."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from mailer.clock import Clock
from mailer.errors import ProviderHalt
from mailer.failpoints import failpoint
from mailer.model.ledger import Delivery
from mailer.model.mail import Message, SendResult, Status
from mailer.providers import Provider
from mailer.sending.gate import Gate

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed delivery with its bytes."""

    delivery: Delivery
    message: Message
    hash: str
    #: The same for every attempt that repeats a doubt, new after a certain refusal.
    attempt_key: UUID
    #: When the attempt began with which the doubt began that this one repeats: since then the provider knows the key.
    doubted: datetime | None = None


Answer = tuple[Prepared, SendResult | ProviderHalt]
#: What leaves, and the instant before which it does not: so the pace is even on the wire.
Departure = tuple[Prepared, datetime]
#: Answers that come this soon after the first are written down with it.
_GATHERING_SECONDS = 0.003


class Flights:
    """What has left and is not written down yet. An answer is kept until `landed` says that it is in the ledger."""

    def __init__(self, pool: ThreadPoolExecutor, provider: Provider, clock: Clock, gate: Gate) -> None:
        self._pool = pool
        self._provider = provider
        self._clock = clock
        self._gate = gate
        self._flying: dict[Future[Answer], Prepared] = {}
        self._answered: list[Answer] = []

    def __len__(self) -> int:
        return len(self._flying)

    def start(self, batch: Sequence[Departure], *, until: datetime) -> None:
        """Hand these over, each in a thread; their intents must be committed, and their leases run `until` then."""
        for prepared, leaves in batch:
            self._flying[self._pool.submit(self._post, prepared, leaves, until)] = prepared

    def keep_back(self, batch: Sequence[Departure], *, code: str) -> None:
        """These do not leave after all, though their intents are committed: each is answered with "not tried"."""
        self._answered += [
            (prepared, SendResult(prepared.message.key, Status.NOT_TRIED, code=code)) for prepared, _ in batch
        ]

    def answers(self, *, patience: float | None) -> list[Answer]:
        """Every answer that is not written down yet; waits for one, at most `patience` seconds (None: until it comes)."""
        if self._flying:
            done, waiting = wait(self._flying, timeout=patience, return_when=FIRST_COMPLETED)
            if done and waiting:
                done, _ = wait(self._flying, timeout=_GATHERING_SECONDS)
            self._answered += [_answer(future, self._flying.pop(future)) for future in done]
        return list(self._answered)

    def all_answers(self) -> list[Answer]:
        """Wait for everything in flight; a provider's call has a total deadline, shorter than a lease."""
        wait(self._flying)
        return self.answers(patience=0)

    def landed(self) -> None:
        """The answers given last are committed."""
        self._answered.clear()

    def _post(self, prepared: Prepared, leaves: datetime, until: datetime) -> Answer:
        """Not once the lease is over: a process that slept finds its work done by others, and keys forgotten (I9)."""
        self._gate.wait(leaves)
        if self._clock.now() >= until:
            return prepared, SendResult(prepared.message.key, Status.NOT_TRIED, code="lease-over")
        failpoint("before-request")
        try:
            result = self._provider.send([prepared.message], attempt_key=prepared.attempt_key)[0]
        except ProviderHalt as halt:
            return prepared, halt
        failpoint("after-request")
        return prepared, result


def _answer(future: Future[Answer], prepared: Prepared) -> Answer:
    """R3: whatever an adapter does that its contract does not foresee leaves the delivery in doubt."""
    failure = future.exception()
    if failure is None:
        return future.result()
    code = type(failure).__name__
    _log.error("hand-over failed", delivery=prepared.delivery.id, failure=code)
    return prepared, SendResult(prepared.message.key, Status.UNKNOWN, code=code)
