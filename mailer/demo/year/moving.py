"""The moved clock: it ticks as the machine's does, from wherever it was put; a small file shares it between processes."""

import mmap
import os
import struct
from datetime import datetime, timedelta
from pathlib import Path

from mailer.clock import SystemClock, require_aware

_OFFSET = struct.Struct("<d")


class MovedClock(SystemClock):
    """Seconds pass as they pass; only where they began is moved. Every process that opens the file sees each move."""

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            os.ftruncate(file, _OFFSET.size)
            self._shared = mmap.mmap(file, _OFFSET.size)
        finally:
            os.close(file)

    def now(self) -> datetime:
        (seconds,) = _OFFSET.unpack(self._shared[:])
        return super().now() + timedelta(seconds=seconds)

    def put(self, at: datetime) -> None:
        """Make it this instant now, in every process: at the beginning, or to go on after an interruption."""
        self._shared[:] = _OFFSET.pack((require_aware(at) - super().now()).total_seconds())

    def advance_to(self, at: datetime) -> None:
        """Let time pass until then; never backwards."""
        if at > self.now():
            self.put(at)
