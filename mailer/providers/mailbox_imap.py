"""Bounces in an IMAP account (RFC 3501)."""

import imaplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from mailer.providers.bounces import Box
from mailer.providers.mailbox_account import TOTAL_SECONDS, MailboxAccount, connect, refused, unreached
from mailer.providers.watch import Watch

#: In dates of IMAP, whatever the locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Imap:
    """One folder of one account. A mail that is put away is marked as seen; nothing is deleted."""

    def __init__(self, account: MailboxAccount, *, folder: str = "INBOX") -> None:
        self._account = account
        self._folder = folder
        self._watch = Watch(TOTAL_SECONDS)

    @contextmanager
    def open(self) -> Iterator[Box]:
        client: _Client | None = None
        with self._watch.guard() as call:
            try:
                client = _Client(connect(self._account, call), self._account.host)
                _log_in(client, self._account)
                _checked(client.select(_quoted(self._folder)))
                yield _ImapBox(client)
            except (OSError, imaplib.IMAP4.abort) as error:
                raise unreached(self._account, error) from error
            except imaplib.IMAP4.error as error:
                raise refused(self._account, error) from error
            finally:
                if client is not None:
                    with suppress(OSError, imaplib.IMAP4.error):
                        client.logout()


class _ImapBox:
    """The selected folder; mails are named by their UID."""

    def __init__(self, client: "_Client") -> None:
        self._client = client

    def waiting(self, since: datetime) -> Sequence[str]:
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        [found, *_] = _checked(self._client.uid("SEARCH", "UNSEEN", "SINCE", day))
        return [uid.decode("ascii", "replace") for uid in (found or b"").split()]

    def read(self, name: str, most: int) -> bytes:
        """Without marking it as seen (PEEK), and no more than is of use."""
        parts = _checked(self._client.uid("FETCH", name, f"(BODY.PEEK[]<0.{most}>)"))
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def put_away(self, name: str) -> None:
        _checked(self._client.uid("STORE", name, "+FLAGS.SILENT", r"(\Seen)"))


class _Client(imaplib.IMAP4):
    """imaplib over a connection that is already made and watched."""

    def __init__(self, sock: socket.socket, host: str) -> None:
        self._given = sock
        super().__init__(host)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = self._given
        self.file = self.sock.makefile("rb")


def _log_in(client: _Client, account: MailboxAccount) -> None:
    """PLAIN where it is offered: LOGIN knows no password with an accent."""
    if "AUTH=PLAIN" in client.capabilities:
        proof = f"\0{account.username}\0{account.password}".encode()
        client.authenticate("PLAIN", lambda _: proof)
    elif account.username.isascii() and account.password.isascii():
        client.login(_quoted(account.username), account.password)
    else:
        raise imaplib.IMAP4.error("AUTH=PLAIN")


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer[1][0] if answer[1] else answer[0])
    return answer[1]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
