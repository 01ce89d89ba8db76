"""The rejected lines of imports that were carried out, to be mended and imported again.

Private files below the state folder, each as long as its import may be undone; nothing of them is in the database.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import structlog

from mailer.errors import NotFoundError
from mailer.importing import UNDOABLE_FOR

FOLDER = "rejects"
_log = structlog.get_logger()


def keep(state: Path, run_id: int, pieces: Iterator[str], *, at: datetime) -> None:
    """Write them down. The import itself is done: where there is no room, they are told, and not kept."""
    place = state / FOLDER
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(place / f"{int(at.timestamp())}-{run_id}.csv", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
    except OSError as error:
        _log.warning("rejected lines not kept", import_run=run_id, reason=error.strerror)


def kept(state: Path) -> frozenset[int]:
    """The numbers of the imports whose rejected lines are kept."""
    return frozenset(_run(file) for file in _files(state))


def read(state: Path, run_id: int) -> bytes:
    """The file of one import; raises NotFoundError once it is gone."""
    for file in _files(state):
        if _run(file) == run_id:
            return file.read_bytes()
    raise NotFoundError("The rejected lines of this import are no longer kept.")


def discard(state: Path, run_id: int) -> None:
    """The import is undone: its file is imported again as a whole."""
    _remove(file for file in _files(state) if _run(file) == run_id)


def forget(state: Path, addresses: Iterable[str]) -> None:
    """Somebody is erased: no file that holds an address of theirs stays."""
    said = [each.encode() for each in addresses]
    for file in _files(state):
        held = file.read_bytes().lower()
        if any(each in held for each in said):
            _remove([file])


def clear(state: Path, *, at: datetime) -> None:
    """Remove those of imports that can no longer be undone."""
    before = (at - UNDOABLE_FOR).timestamp()
    _remove(file for file in _files(state) if int(file.stem.partition("-")[0]) < before)


def _files(state: Path) -> list[Path]:
    return sorted((state / FOLDER).glob("*-*.csv"))


def _run(file: Path) -> int:
    return int(file.stem.partition("-")[2])


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
