"""A total deadline for HTTP calls: requests only limits each single wait, so a dripping server could hold a call
for ever, past the lease of the delivery (sending.md R2)."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

_TICKS = 20


class Connection(Protocol):
    """What can be cut: `sock` is None until connected."""

    sock: socket.socket | None


@dataclass(slots=True)
class Call:
    """One call under way; `connection` is set as soon as there is one."""

    due: float
    connection: Connection | None = None
    is_overdue: bool = False


class Watch:
    """Cuts the connections of calls that outlast `seconds`; one thread for all, woken twenty times per deadline.

    The thread starts with the first call and ends after one idle deadline: no thread and no wake-up per call.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._calls: dict[int, Call] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def guard(self) -> Iterator[Call]:
        """A call that is cut when its time is over; a call that ended is never touched again."""
        call = Call(due=time.monotonic() + self._seconds)
        with self._lock:
            self._calls[id(call)] = call
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadline", daemon=True)
                self._thread.start()
        try:
            yield call
        finally:
            with self._lock:
                del self._calls[id(call)]

    def _run(self) -> None:
        idle = 0
        while idle < _TICKS:
            time.sleep(self._seconds / _TICKS)
            idle = 0 if self._cut_overdue() else idle + 1
            with self._lock:
                if idle == _TICKS and not self._calls:
                    self._thread = None
                    return

    def _cut_overdue(self) -> bool:
        """Whether any call is under way. A call still looking up names is cut at a later tick, once connected."""
        now = time.monotonic()
        with self._lock:
            for call in self._calls.values():
                if call.due <= now:
                    call.is_overdue = True
                    _cut(call.connection)
            return bool(self._calls)


def _cut(connection: Connection | None) -> None:
    sock = connection.sock if connection else None
    if sock is None:
        return
    try:
        # Not sock.shutdown: a TLS socket's own method forgets its state while the other thread still reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
