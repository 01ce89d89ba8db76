"""Who has which issue open at this moment: kept in the memory of the process that serves the desk, nowhere else."""

from datetime import datetime, timedelta
from threading import Lock

from mailer.clock import Clock

#: Whoever has not been heard of for so long has gone.
PATIENCE = timedelta(seconds=45)


class Presence:
    """Who was heard of last, and when. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, dict[str, datetime]] = {}

    def note(self, ref: str, who: str) -> list[str]:
        """Somebody has this issue open; the others who have, in alphabetical order."""
        now = self._clock.now()
        with self._lock:
            seen = {name: at for name, at in self._seen.get(ref, {}).items() if now - at < PATIENCE}
            seen[who] = now
            self._seen[ref] = seen
            return sorted(set(seen) - {who})
