"""The post room: takes submissions in, durably, before anybody hears "success"."""

import hashlib
import sqlite3
import string
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mailer.clock import Clock
from mailer.sandbox import journal
from mailer.sandbox.headers import Head
from mailer.sandbox.journal import Entry, Journal
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.maildir import Maildir
from mailer.tokens import random_bytes

_ALPHABET = string.ascii_letters + string.digits
_INSERT = (
    "INSERT INTO message (token, direction, mail_from, rcpt_to, subject, message_id, tag, timestamp, size, sha256,"
    " bounce, ssl, due) VALUES (?, 'outgoing', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Submission:
    """One message for some recipients, as it came in by either face."""

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    head: Head
    bounce: bool = False
    ssl: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the answer says of one recipient."""

    recipient: str
    id: int
    token: str


class Post:
    """Order of an acceptance: Maildir tmp/, commit, Maildir new/, journal, answer.

    A process killed in between either has no row, so that nobody heard "success", or a row that the next start
    publishes and journals.
    """

    def __init__(
        self,
        ledger: Ledger,
        root: Path,
        clock: Clock,
        *,
        store: Literal["all", "journal", "none"],
        accepted: Callable[[], None],
    ) -> None:
        self._ledger, self._clock, self._accepted = ledger, clock, accepted
        self._journal = Journal(root / "journal.jsonl")
        self._maildir = Maildir(root / "maildir") if store == "all" else None
        self._complete()

    def accept(self, submission: Submission) -> "Future[list[Accepted]]":
        """Take it in for every recipient, in one transaction; the future ends when it is durable."""
        at = self._clock.now().timestamp()
        names: list[tuple[str, Entry]] = []

        def act(connection: sqlite3.Connection) -> list[Accepted]:
            digest = hashlib.sha256(submission.raw).hexdigest()
            return [
                self._insert(connection, submission, recipient, digest, at, names)
                for recipient in submission.recipients
            ]

        def then(_accepted: list[Accepted]) -> None:
            for name, entry in names:
                self._publish(name, entry)
            self._accepted()

        return self._ledger.write(act, then)

    def raw(self, token: str, timestamp: float) -> bytes | None:
        """The kept bytes with the two headers on top, or None when mail is not stored."""
        return self._maildir.read(_file_name(timestamp, token)) if self._maildir else None

    def close(self) -> None:
        self._journal.close()

    def _insert(
        self,
        connection: sqlite3.Connection,
        submission: Submission,
        recipient: str,
        digest: str,
        at: float,
        names: list[tuple[str, Entry]],
    ) -> Accepted:
        token, head, size = new_token(), submission.head, len(submission.raw)
        name = _file_name(at, token)
        if self._maildir:
            self._maildir.write(name, submission.raw, mail_from=submission.mail_from, token=token)
        values = (token, submission.mail_from, recipient, head.subject, head.message_id, head.tag, at, size)
        cursor = connection.execute(_INSERT, (*values, digest, submission.bounce, submission.ssl, at))
        number = int(cursor.lastrowid or 0)
        names.append((name, Entry(number, head.message_id, recipient, size, digest, at)))
        return Accepted(recipient, number, token)

    def _publish(self, name: str, entry: Entry) -> None:
        if self._maildir:
            self._maildir.publish(name)
        self._journal.append(entry)

    def _complete(self) -> None:
        """Finish what the last process committed but could not publish any more."""
        wanted = "SELECT * FROM message WHERE direction = 'outgoing' AND id > ? ORDER BY id"
        for row in self._ledger.read(wanted, self._journal.last_id()):
            entry = Entry(
                row["id"], row["message_id"], row["rcpt_to"], row["size"], row["sha256"], row["timestamp"]
            )
            self._publish(_file_name(row["timestamp"], row["token"]), entry)
        if self._maildir:
            self._maildir.sweep()


def read_journal(root: Path) -> Sequence[Entry]:
    """The journal under the sandbox's folder; also while another process writes it."""
    return journal.read(root / "journal.jsonl")


def last_of_journal(root: Path) -> int:
    """The number of the last mail in the journal under the sandbox's folder, without reading the others."""
    return journal.last_id(root / "journal.jsonl")


def new_token() -> str:
    """16 letters and digits."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random_bytes(16))


def _file_name(timestamp: float, token: str) -> str:
    return f"{int(timestamp)}.{token}.sandbox"
