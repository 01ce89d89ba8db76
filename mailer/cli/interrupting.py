"""Ctrl-C while a command sends: the messages in flight conclude first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mailer.app import Mailer


@contextmanager
def interruptible(mailer: Mailer) -> Iterator[None]:
    """The first Ctrl-C asks to stop, and KeyboardInterrupt is raised once that is done; the second interrupts at once.

    An exception in the middle of a transaction's last step would leave it open, and the ledger locked against what
    has to be written down next.
    """
    told: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        signal.signal(signal.SIGINT, before)
        mailer.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if told:
        raise KeyboardInterrupt
