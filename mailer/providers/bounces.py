"""The bounce mailbox: what mail servers write back, turned into events."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from mailer.clock import Clock, SystemClock
from mailer.errors import MailerError, Problem
from mailer.model.mail import ProviderEvent
from mailer.providers.bounce_reports import MOST_BYTES, read_report

#: The rest waits for the next round: a flood of mails never holds one round for long.
_MOST_AT_ONCE = 500


class MailboxError(MailerError):
    """The mailbox cannot be read just now, or with these settings."""

    exit_status = 3


class Box(Protocol):
    """An open mailbox."""

    def waiting(self, since: datetime) -> Sequence[str]:
        """Names of the mails that were not put away, the oldest first; those that came before `since` may be missing."""

    def read(self, name: str, most: int) -> bytes:
        """The first `most` bytes of a mail, or a little more; empty where it cannot be read."""

    def put_away(self, name: str) -> None:
        """The mail is done with: it is not waiting any more."""


class Mailbox(Protocol):
    """Where bounces arrive: a folder, or an account at a server."""

    def open(self) -> AbstractContextManager[Box]:
        """Raises MailboxError, as everything in the open box may."""


class Bounces:
    """Reads one mailbox. One thread at a time."""

    def __init__(self, mailbox: Mailbox, *, clock: Clock | None = None) -> None:
        self._mailbox = mailbox
        self._clock = clock or SystemClock()
        #: Mails for people: they stay where they are, and are not read again by this process.
        self._left: set[str] = set()

    def poll(self, since: datetime) -> Generator[ProviderEvent, None, None]:
        """The events of the mails that wait. A mail is put away when the event *after* its last one is asked for: record
        and commit each event before going on, and a crash loses none. Raises MailboxError."""
        with self._mailbox.open() as box:
            names = box.waiting(since)
            self._left &= set(names)
            fresh = [name for name in names if name not in self._left]
            for name in fresh[:_MOST_AT_ONCE]:
                report = read_report(box.read(name, MOST_BYTES), now=self._clock.now())
                if report is None:
                    self._left.add(name)
                    continue
                yield from report.events
                box.put_away(name)

    def check(self) -> list[Problem]:
        """Whether the mailbox can be opened; reads no mail."""
        try:
            with self._mailbox.open() as box:
                box.waiting(self._clock.now())
        except MailboxError as error:
            return [Problem(code="bounces", message=error.text, values=error.values)]
        return []
