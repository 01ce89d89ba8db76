"""Providers that take everything: what is left is the sender's own cost, or its pace against a given latency."""

import threading
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from mailer.errors import Problem
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    RawRequest,
    Resolution,
    SendResult,
    Status,
)

#: What is used of the processor is looked at after so many messages.
_STEP = 50


class Taker:
    """Takes each message after `latency` seconds, and remembers the instant at which it was asked.

    `used` tells the seconds of the processor that the send has cost so far.
    """

    name = "taker"
    caps = Capabilities()

    def __init__(
        self,
        latency: float = 0.0,
        *,
        log: BinaryIO | None = None,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        self._latency = latency
        self._used = used
        self.used_at = array("d")
        self._log = log
        self._lock = threading.Lock()
        #: Seconds on the monotonic clock, eight bytes each; a process that is killed leaves them in the log.
        self.asked_at = array("d")

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        with self._lock:
            if len(self.asked_at) % _STEP == 0:
                self.used_at.append(self._used())
            self.asked_at.append(time.monotonic())
            if self._log:
                self._log.write(self.asked_at[-1:].tobytes())
        if self._latency:
            time.sleep(self._latency)
        return [SendResult(each.key, Status.ACCEPTED) for each in batch]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return []

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return []

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return []

    @property
    def tenths_by_the_clock(self) -> float:
        """The time of the last tenth of the messages over that of the first."""
        return _last_tenth_to_first(self.asked_at)

    @property
    def tenths_of_the_processor(self) -> float:
        """The same in what was used of the processor, which other programs change less."""
        return _last_tenth_to_first(self.used_at)

    @property
    def busiest_second(self) -> int:
        """The most messages that were asked for within any one second."""
        return busiest_second(self.asked_at)


def _last_tenth_to_first(instants: Sequence[float]) -> float:
    tenth = max(1, len(instants) // 10)
    return (instants[-1] - instants[-1 - tenth]) / (instants[tenth] - instants[0])


def busiest_second(instants: Sequence[float]) -> int:
    """The most of these instants, in ascending order, within any one second."""
    most, first = 0, 0
    for last, instant in enumerate(instants):
        while instant - instants[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
