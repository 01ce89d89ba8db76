"""The pause that a server asks for when it gets too much."""

import threading
from datetime import datetime, timedelta

from mailer.clock import Clock

_FIRST_PAUSE, _LONGEST_PAUSE = 60.0, 900.0


class Brake:
    """A pause for everybody after the server asked to slow down: a minute, twice as long each time, until it takes
    a mail again. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: datetime | None = None
        self._pause = 0.0

    def remaining(self) -> float:
        with self._lock:
            left = (self._until - self._clock.now()).total_seconds() if self._until else 0.0
            return max(0.0, left)

    def hold(self) -> float:
        """Begin a pause, or join the one that another thread began a moment ago; its seconds from now."""
        with self._lock:
            now = self._clock.now()
            if self._until is None or self._until <= now:
                self._pause = min(max(_FIRST_PAUSE, self._pause * 2), _LONGEST_PAUSE)
                self._until = now + timedelta(seconds=self._pause)
            return (self._until - now).total_seconds()

    def release(self) -> None:
        with self._lock:
            if self._until is not None and self._until <= self._clock.now():
                self._until, self._pause = None, 0.0
