"""The journal: one line of JSON per accepted recipient, the truth in every test of duplicates and losses."""

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted recipient. `at` is Unix time; `sha256` and `size` are of the bytes as they were handed over."""

    id: int
    message_id: str
    recipient: str
    size: int
    sha256: str
    at: float


#: `asdict` copies each value deeply, which costs more than writing them.
_NAMES = tuple(each.name for each in fields(Entry))


class Journal:
    """Appended to by one thread; each line reaches the kernel whole before `append` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _cut_torn_line(path)
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def append(self, entry: Entry) -> None:
        line = (
            json.dumps({name: getattr(entry, name) for name in _NAMES}, ensure_ascii=False).encode() + b"\n"
        )
        while line:
            line = line[os.write(self._file, line) :]

    def last_id(self) -> int:
        """The id of the last line, 0 of an empty journal. Lines are written in the order of ids."""
        return last_id(self._path)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> list[Entry]:
    """Every whole line of a journal, oldest first; a line that is being written is left out."""
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [Entry(**json.loads(line)) for line in whole.splitlines()]


def last_id(path: Path) -> int:
    """The id of the last whole line, 0 of an empty journal; its end alone is read."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_536))
        lines = file.read().rpartition(b"\n")[0].splitlines()
    return int(json.loads(lines[-1])["id"]) if lines else 0


def _cut_torn_line(path: Path) -> None:
    # Only a process killed inside write() leaves one; its row is in the store and is journalled again.
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as file:
            data = file.read()
            file.truncate(data.rfind(b"\n") + 1)
