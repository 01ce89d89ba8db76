"""Spreadsheets that wait for a person's yes: private files below the state folder, gone after the yes, the no, or an hour.

The name of a waiting file is a token that only its own user can use; nothing about it is kept in the database.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from mailer import importing
from mailer.app.imports import Places, Prepared
from mailer.app.mailer import Mailer
from mailer.errors import NotFoundError, StoreError
from mailer.importing import GUESSED, Reading
from mailer.tokens import Purpose, random_text

FOLDER = "uploads"
#: How long a file waits.
PATIENCE = timedelta(hours=1)
_SAMPLE = 5
_ACCENTS = 8
#: An accent that comes later is rare, and a long file is read quickly to here.
_LOOKED_THROUGH = 20_000
_MOST_LETTERS = 60
_TAKEN = ".taken"


@dataclass(frozen=True, slots=True)
class Upload:
    """One waiting file: what it is to be imported as, and by whom."""

    folder: Path
    kind: str
    user_id: int

    @property
    def path(self) -> Path:
        """The file, under the name that it had on the user's machine."""
        return next(self.folder.iterdir())


@dataclass(frozen=True, slots=True)
class Look:
    """A waiting file as it would be imported now."""

    file: Prepared
    #: The first lines, as they are written.
    sample: tuple[tuple[str, ...], ...]
    #: Cells with letters beyond A to Z: they show whether the encoding is right.
    accents: tuple[str, ...]
    #: None as long as a column is missing without which nothing can be imported.
    report: importing.ImportReport | None


def create(mailer: Mailer, *, kind: str, name: str, user_id: int) -> tuple[Upload, Path]:
    """A private folder for one file, and where the file is to be written; old ones are cleared away first."""
    place = mailer.settings.state / FOLDER
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        clear(mailer.settings.state, at=mailer.clock.now())
        folder = place / f"{int(mailer.clock.now().timestamp())}-{random_text(16)}"
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StoreError(
            "The file cannot be kept in {folder}: {reason}. Mend the folder and try again.",
            folder=place,
            reason=error.strerror,
        ) from error
    return Upload(folder, kind, user_id), folder / _plain_name(name)


def token_of(mailer: Mailer, upload: Upload) -> str:
    """What names the file in the addresses of its pages."""
    return mailer.signer.sign(Purpose.IMPORT, f"{upload.folder.name}|{upload.kind}|{upload.user_id}".encode())


def find(mailer: Mailer, token: str, *, user_id: int) -> Upload:
    """The file of this user; raises NotFoundError once it is gone, TokenError for what we did not sign."""
    name, kind, owner = mailer.signer.verify(Purpose.IMPORT, token).decode().split("|")
    folder = mailer.settings.state / FOLDER / name
    if int(owner) != user_id or not folder.is_dir() or _is_old(folder, mailer.clock.now()):
        raise _gone()
    return Upload(folder, kind, user_id)


def look(mailer: Mailer, upload: Upload, *, places: Places | None = None, reading: Reading = GUESSED) -> Look:
    """What an import with these columns would do; nothing is written.

    Raises SpreadsheetError for a file that cannot be read.
    """
    file = mailer.imports.prepare(upload.kind, upload.path, places=places, reading=reading)
    sample = tuple(record.cells for record in islice(file.table.records(), _SAMPLE))
    if file.missing:
        return Look(file, sample, _accents(file), None)
    with mailer.imports.advances.watching(upload.user_id, upload.path) as seen:
        report = mailer.imports.look(file, seen=seen)
    return Look(file, sample, _accents(file), report)


def confirm(
    mailer: Mailer, upload: Upload, *, by: str, places: Places | None = None, reading: Reading = GUESSED
) -> importing.ImportReport:
    """Import the file once, whoever clicks twice; it is removed, unless the import failed."""
    taken = upload.folder.with_name(upload.folder.name + _TAKEN)
    try:
        upload.folder.rename(taken)
    except FileNotFoundError as error:
        raise _gone() from error
    claimed = Upload(taken, upload.kind, upload.user_id)
    try:
        file = mailer.imports.prepare(upload.kind, claimed.path, places=places, reading=reading)
        with mailer.imports.advances.watching(upload.user_id, claimed.path) as seen:
            report = mailer.imports.carry_out(file, by=by, seen=seen)
    except BaseException:
        taken.rename(upload.folder)
        raise
    discard(claimed)
    return report


def discard(upload: Upload) -> None:
    """Remove the file; safe to repeat."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def clear(state: Path, *, at: datetime) -> None:
    """Remove what nobody has confirmed in time."""
    place = state / FOLDER
    for folder in place.iterdir() if place.is_dir() else ():
        if _is_old(folder, at):
            shutil.rmtree(folder, ignore_errors=True)


def _accents(file: Prepared) -> tuple[str, ...]:
    """The first such cells of the headings and of the lines that stand near the top."""
    rows = (record.cells for record in islice(file.table.records(), _LOOKED_THROUGH))
    cells = (cell.strip() for row in chain([file.table.headings], rows) for cell in row)
    return tuple(islice(dict.fromkeys(cell for cell in cells if not cell.isascii()), _ACCENTS))


def _is_old(folder: Path, at: datetime) -> bool:
    seconds = folder.name.partition("-")[0]
    return not seconds.isdigit() or int(seconds) < (at - PATIENCE).timestamp()


def _plain_name(name: str) -> str:
    """The last part of what a browser called the file, without anything that a path or a terminal would obey."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return kept[-_MOST_LETTERS:].lstrip(" .") or "table"


def _gone() -> NotFoundError:
    return NotFoundError(
        "This file is no longer here: it was imported, put aside, or waited for more than an hour. Choose it again."
    )
