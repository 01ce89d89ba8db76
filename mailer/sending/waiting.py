"""The provider says "too many" (HTTP 429): that concerns every mail, not the one that it answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.model.mail import SendResult, Status

_TOO_MANY = 429


@dataclass(slots=True)
class Wait:
    """Until when nothing is handed over; shared by all sends of a process. Forgotten with it: the provider says it again."""

    until: datetime | None = None

    def hear(self, result: SendResult, *, at: datetime, wait: timedelta) -> None:
        """An answer that asks to wait; a longer wait holds."""
        if result.status is Status.RETRY and result.http_status == _TOO_MANY:
            self.until = max(self.until or at, at + wait)

    def left(self, at: datetime) -> timedelta:
        """How long it still lasts, nothing once it is over."""
        return max(self.until - at, timedelta(0)) if self.until else timedelta(0)
