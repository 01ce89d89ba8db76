"""Bounces in a POP account (RFC 1939): the last resort, as POP can only delete."""

import poplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from mailer.providers.bounces import Box
from mailer.providers.mailbox_account import TOTAL_SECONDS, MailboxAccount, connect, refused, unreached
from mailer.providers.watch import Watch

#: Of a mail that is too long to be read whole.
_LINES = 2000


class Pop:
    """One account. A report that is put away is deleted, at the end of the round; mails for people are left."""

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account
        self._watch = Watch(TOTAL_SECONDS)
        #: Mails over which poplib stumbles, such as lines of more than 2,048 octets: not tried again by this process.
        self._unreadable: set[str] = set()

    @contextmanager
    def open(self) -> Iterator[Box]:
        client: _Client | None = None
        with self._watch.guard() as call:
            try:
                client = _Client(connect(self._account, call))
                client.user(self._account.username)
                client.pass_(self._account.password)
                yield _PopBox(client, self._unreadable)
            except OSError as error:
                raise unreached(self._account, error) from error
            except poplib.error_proto as error:
                raise refused(self._account, error) from error
            finally:
                if client is not None:
                    with suppress(OSError, poplib.error_proto):
                        client.quit()
                    client.close()


class _PopBox:
    """The mails as they were at login; they are named by their unique ids (UIDL)."""

    def __init__(self, client: "_Client", unreadable: set[str]) -> None:
        self._client = client
        self._unreadable = unreadable
        self._numbers: dict[str, int] = {}
        self._sizes: dict[int, int] = {}

    def waiting(self, since: datetime) -> Sequence[str]:
        """All of them: POP knows no dates."""
        del since
        _, lines, _ = self._client.list()
        self._sizes = {int(number): int(size) for number, size in map(_two, lines)}
        _, lines, _ = self._client.uidl()
        for line in lines:
            number, name = _two(line)
            if name not in self._unreadable:
                self._numbers[name] = int(number)
        return list(self._numbers)

    def read(self, name: str, most: int) -> bytes:
        number = self._numbers[name]
        try:
            fits = self._sizes.get(number, 0) <= most
            _, lines, _ = self._client.retr(number) if fits else self._client.top(number, _LINES)
        except poplib.error_proto:
            self._unreadable.add(name)
            raise
        return b"\r\n".join(lines)[:most]

    def put_away(self, name: str) -> None:
        self._client.dele(self._numbers[name])


def _two(line: bytes) -> tuple[str, str]:
    """A line of LIST or UIDL: a number, and what belongs to it."""
    words = line.decode("utf-8", "replace").split()
    if len(words) < 2 or not words[0].isdigit():
        raise poplib.error_proto(line)
    return words[0], words[1]


class _Client(poplib.POP3):
    """poplib over a connection that is already made and watched."""

    def __init__(self, sock: socket.socket) -> None:
        self._given = sock
        super().__init__("")

    def _create_socket(self, _timeout: object) -> socket.socket:
        return self._given
