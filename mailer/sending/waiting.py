"""Answers that concern every mail, not the one that was answered: the provider is not reached, or wants nothing for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.model.mail import SendResult, Status

_TOO_MANY = 429
#: No connection was made.
UNREACHED = frozenset({"name-not-found", "connection-refused", "connect-timeout"})


def concerns_everybody(result: SendResult) -> bool:
    """Nothing is said of this mail, and nobody's day of retries passes meanwhile."""
    if result.status is Status.NOT_TRIED:
        return True
    put_off = result.http_status == _TOO_MANY or result.code in UNREACHED
    return result.status is Status.RETRY and put_off


def asks_to_wait(result: SendResult) -> bool:
    """HTTP 429, "too many", or an adapter that keeps to what its server asked for."""
    if result.status is Status.NOT_TRIED:
        return result.retry_after is not None
    return result.status is Status.RETRY and result.http_status == _TOO_MANY


@dataclass(slots=True)
class Wait:
    """Until when nothing is handed over; shared by all sends of a process. Forgotten with it: the provider says it again."""

    until: datetime | None = None
    #: The clock when it was read last.
    _seen: datetime | None = None

    def hear(self, result: SendResult, *, at: datetime, wait: timedelta) -> None:
        """An answer that asks to wait; a longer wait holds."""
        if asks_to_wait(result):
            self._see(at)
            self.until = max(self.until or at, at + wait)

    def left(self, at: datetime) -> timedelta:
        """How long it still lasts, nothing once it is over."""
        self._see(at)
        return max(self.until - at, timedelta(0)) if self.until else timedelta(0)

    def _see(self, at: datetime) -> None:
        """A clock that was set back takes the end of the wait with it."""
        if self.until and self._seen and at < self._seen:
            self.until -= self._seen - at
        self._seen = at
