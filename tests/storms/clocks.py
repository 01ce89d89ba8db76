"""Clocks for storms: one that several processes share and that naps move forward, one that jumps."""

import os
import random
import struct
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("d")
#: A nap lasts this share of its time; by the rest the clock is set forward, for every process.
_REAL = 0.05


class SharedClock:
    """The machine's clock and an offset in a file: what one process sleeps, all have waited for."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if os.fstat(self._file).st_size == 0:
            os.pwrite(self._file, _OFFSET.pack(0.0), 0)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def sleep(self, seconds: float) -> None:
        """Naps at the same time pass together, as in life; they do not add up."""
        wakes = self.now() + timedelta(seconds=seconds)
        time.sleep(seconds * _REAL)
        self.forward(max(0.0, (wakes - self.now()).total_seconds()))

    def forward(self, seconds: float) -> None:
        """Without a lock, which a suspended process would keep: what two add at once may count once."""
        os.pwrite(self._file, _OFFSET.pack(self._offset + seconds), 0)

    @property
    def _offset(self) -> float:
        found: float = _OFFSET.unpack(os.pread(self._file, _OFFSET.size, 0))[0]
        return found

    def close(self) -> None:
        os.close(self._file)


class JumpingClock:
    """Somebody sets the machine's clock, again and again: one look in so many finds it elsewhere."""

    JUMPS = tuple(timedelta(hours=hours) for hours in (2, -2, 24, -24))

    def __init__(self, at: datetime, dice: random.Random, *, one_in: int) -> None:
        self._at, self._dice, self._one_in = at, dice, one_in
        self._lock = threading.Lock()
        self.jumps = 0

    def now(self) -> datetime:
        with self._lock:
            if self._one_in and self._dice.randrange(self._one_in) == 0:
                self._at += self._dice.choice(self.JUMPS)
                self.jumps += 1
            self._at += timedelta(milliseconds=1)
            return self._at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._at += timedelta(seconds=seconds)

    def calm(self) -> None:
        """It stays where it is, and goes on from there."""
        self._one_in = 0
