"""The installation's id stands in the database and in a file beside it: a copied database does not send.

The file is written in two steps around the commit of the row, so that a kill between them leaves neither alone:
`installation.new` before, renamed to `installation` once the row is seen to be committed.

A third file, `ledger-mark`, holds how far the ledger has come: a database that stands behind it was set back to an earlier
state (a backup beside the same file), and whoever already has a mail would get it again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Select, select

from mailer.errors import StoreError
from mailer.model.columns import table
from mailer.model.ledger import Installation
from mailer.store import attempts
from mailer.store.engine import Store, Tx
from mailer.store.upserts import insert_new
from mailer.tokens import random_text

installation = table(Installation)
FILE_NAME = "installation"
MARK_NAME = "ledger-mark"
#: Processes that may hold a file of the mark at the same time.
_MOST_MARKS = 64
_DRAFT_NAME = "installation.new"
_START = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

#: When this database came to belong here (microseconds since 1970), and the last attempt of its ledger.
Reached = tuple[int, int]


class Mark:
    """How far the ledger had come when a byte last left; kept outside the database, and it only grows.

    The highest of a few files: a process that is suspended while it holds one keeps nobody waiting, they take the next.
    Not synchronised with the disk: what a killed process wrote stays, what a power cut loses is a second or less.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._value: Reached = (0, 0)

    @property
    def value(self) -> Reached:
        """What the files say; (0, 0) without one."""
        found: Reached = (0, 0)
        for path in self._state.glob(f"{MARK_NAME}*"):
            with _opened(path, os.O_RDONLY) as file:
                found = max(found, _parsed(os.pread(file, 64, 0)))
        return found

    def raise_to(self, reached: Reached) -> None:
        """Write it down, unless this or another process has come further. Raises StoreError where it cannot."""
        if reached <= self._value:
            return
        if not any(self._wrote(reached, number) for number in range(_MOST_MARKS)):
            text = "The mark {path} is held by {count} processes: nothing leaves without it. End those that are suspended."
            raise StoreError(text, path=self._state / MARK_NAME, count=_MOST_MARKS)
        self._value = reached

    def _wrote(self, reached: Reached, number: int) -> bool:
        """False while another process holds this file."""
        with _opened(
            self._state / (f"{MARK_NAME}.{number}" if number else MARK_NAME), os.O_CREAT | os.O_RDWR
        ) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if _parsed(os.pread(file, 64, 0)) < reached:
                os.pwrite(file, b"%020d %020d\n" % reached, 0)
            return True


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, flags, 0o644)
        try:
            yield file
        finally:
            os.close(file)
    except OSError as error:
        text = "The mark {path} cannot be written ({reason}): nothing leaves without it. Mend the folder and try again."
        raise StoreError(text, path=path, reason=error.strerror) from error


def _parsed(line: bytes) -> Reached:
    words = line.split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else (0, 0)


def reached(tx: Tx) -> Reached:
    """How far the ledger of this database has come."""
    since, last = tx.execute(_since_and_last()).one()
    return (_ticks(since) if since else 0, last or 0)


@cache
def _since_and_last() -> Select[datetime | None, int | None]:
    since = select(installation.c.created_at).scalar_subquery()
    return select(since, attempts.last().scalar_subquery())


def _ticks(at: datetime) -> int:
    return (at - _START) // _TICK


def is_ours(tx: Tx, state: Path, *, at: datetime) -> bool:
    """Whether this database belongs to this installation; the very first start marks the two.

    A file without a row, or a row without its file, is a copied database, or one restored from before its first send;
    a ledger behind its mark was set back since.
    """
    # First the mark, then the ledger: on PostgreSQL other workers commit, and mark, between two looks of this one.
    marked = Mark(state).value
    # And the draft before the file: whoever renames it between two looks is seen in the second.
    stored, draft, written = _stored(tx), _read(state / _DRAFT_NAME), _read(state / FILE_NAME)
    if stored is None and written is not None:
        # Another sender's very first start may have been committed, and its draft renamed, since the first look.
        stored = _stored(tx)
    if stored is None and written is None:
        _write(tx, state, at)
        return True
    return stored is not None and stored in {written, draft} and reached(tx) >= marked


def confirm(store: Store, state: Path) -> None:
    """After the commit of the first start: the draft becomes the file."""
    draft = _read(state / _DRAFT_NAME)
    if draft is not None:
        with store.read() as tx:
            stored = _stored(tx)
        if stored == draft:
            # Another sender that confirms the same start may have been quicker.
            with suppress(FileNotFoundError):
                (state / _DRAFT_NAME).replace(state / FILE_NAME)


def adopt(tx: Tx, state: Path, *, at: datetime) -> None:
    """By a person's decision this database belongs here: both get the id of the file, or a new one.

    Its mark starts anew: a later instant than any before.
    """
    tx.execute(installation.delete())
    at = max(at, _START + (Mark(state).value[0] + 1) * _TICK)
    written = _read(state / FILE_NAME)
    if written is None:
        _write(tx, state, at)
    else:
        insert_new(tx, installation, {"id": 1, "installation_id": written, "created_at": at})


def _stored(tx: Tx) -> str | None:
    return tx.execute(select(installation.c.installation_id)).scalar_one_or_none()


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def _write(tx: Tx, state: Path, at: datetime) -> None:
    insert_new(tx, installation, {"id": 1, "installation_id": _drafted(state), "created_at": at})


def _drafted(state: Path) -> str:
    """The id that is to be ours: the first of several first starts at once decides it for all."""
    state.mkdir(parents=True, exist_ok=True)
    folder = os.open(state, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        found = _read(state / _DRAFT_NAME) or _read(state / FILE_NAME)
        if found is None:
            found = random_text(16)
            (state / _DRAFT_NAME).write_text(found + "\n", "ascii")
        return found
    finally:
        os.close(folder)
