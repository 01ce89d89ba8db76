"""Waiting for the signals that end a process."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def listening() -> Iterator[Callable[[], object]]:
    """In the block SIGINT and SIGTERM end nothing; what is given blocks until one of them comes, or came since the beginning.

    For the main thread. By a pipe: `threading.Event.set` in a handler waits for ever where the signal comes while the main thread
    is about to wait, for that thread then holds the lock of the event.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)

    def hear(*_: object) -> None:
        with suppress(BlockingIOError):  # so many came already
            os.write(tell, b".")

    before = {each: signal.signal(each, hear) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: os.read(heard, 1)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(heard)
        os.close(tell)
