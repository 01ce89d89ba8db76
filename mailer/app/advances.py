"""How far the reading of a large file is: kept in the memory of the process that serves the desk, nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from mailer.importing import line_count

#: Lines read so far, and whether all are: what comes then is the database's work.
Seen = Callable[[int, bool], None]


def unseen(lines: int, is_read: bool) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Advance:
    """One file on its way in. `about` is the number of its lines, empty ones among them; None where only its end tells."""

    lines: int
    about: int | None
    is_read: bool = False


class Advances:
    """The latest file of each account that is being looked at or imported. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: dict[int, Advance] = {}

    @contextmanager
    def watching(self, user_id: int, path: Path) -> Iterator[Seen]:
        """While the file is worked on; gives what is to be told of its lines."""
        about = line_count(path)

        def seen(lines: int, is_read: bool) -> None:
            with self._lock:
                self._of[user_id] = Advance(lines, about, is_read)

        seen(0, False)
        try:
            yield seen
        finally:
            with self._lock:
                self._of.pop(user_id, None)

    def of(self, user_id: int) -> Advance | None:
        """None where nothing is under way."""
        with self._lock:
            return self._of.get(user_id)
