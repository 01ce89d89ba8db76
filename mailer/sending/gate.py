"""The way out of one process: messages pass one after the other, never closer together than the rate allows.

The permits of the shared pace are even, but a turn of the loop that took long (the first ones, before anything is warm; a commit on
a busy disk) would let its messages leave late, all at once, and right before those that are in time. Here they keep their distance.
"""

import threading
from datetime import datetime, timedelta

from mailer.clock import Clock
from mailer.store.pacing import LATE_SECONDS


class Gate:
    """Shared by the threads of one run. `gap`: the least distance between two messages."""

    def __init__(self, clock: Clock, *, gap: timedelta) -> None:
        self._clock = clock
        self._gap = gap
        self._lock = threading.Lock()
        self._waiting = 0
        #: When the next one may pass.
        self._free: datetime | None = None

    def wait(self, leaves: datetime) -> None:
        """Until this message may leave: at `leaves`, or as soon after as those before it allow."""
        with self._lock:
            now = self._clock.now()
            turn = self._turn(leaves, now)
            self._free = turn + self._gap
            self._waiting += 1
        try:
            if turn > now:
                self._clock.sleep((turn - now).total_seconds())
        finally:
            with self._lock:
                self._waiting -= 1

    def _turn(self, leaves: datetime, now: datetime) -> datetime:
        """A clock that was set back must not keep anybody: nobody waits longer than those before it take."""
        late = timedelta(seconds=LATE_SECONDS)
        latest = now + late + self._gap * (self._waiting + 1)
        return max(now, min(max(leaves, self._free or now), latest))
