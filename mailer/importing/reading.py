"""Which kind of file it is: a workbook says so in its first bytes, anything else is read as CSV."""

from dataclasses import dataclass
from pathlib import Path

from mailer.errors import InputError, SpreadsheetError
from mailer.importing.delimited import ENCODINGS, SEPARATORS, read_delimited
from mailer.importing.mending import as_it_was
from mailer.importing.table import MAX_BYTES, MAX_COLUMNS, Table
from mailer.importing.workbook import read_workbook

_ZIP = b"PK\x03\x04"
#: The container of .xls, and of workbooks protected by a password.
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOKS = {".xlsx", ".xlsm", ".ods"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How somebody says that a CSV file is written; what is empty is guessed. A workbook needs nothing of it."""

    encoding: str = ""
    separator: str = ""

    def __post_init__(self) -> None:
        if self.encoding and self.encoding not in ENCODINGS:
            raise InputError(
                "There is no encoding {name}. Known: {known}.", name=self.encoding, known=", ".join(ENCODINGS)
            )
        if self.separator and self.separator not in SEPARATORS:
            raise InputError(
                "{name} is no separator. Known: {known}.",
                name=self.separator,
                known=" ".join(SEPARATORS).replace("\t", "tab"),
            )


GUESSED = Reading()


def read_table(path: Path, *, reading: Reading = GUESSED) -> Table:
    """The file's table, of a workbook its first sheet; raises SpreadsheetError with what is wrong and what to do."""
    try:
        table = as_it_was(_read(path, reading))
    except OSError as error:
        raise SpreadsheetError(
            "{file} cannot be read: {reason}.", file=path, reason=error.strerror
        ) from error
    if len(table.headings) > MAX_COLUMNS:
        raise SpreadsheetError(
            "{file} has {columns} columns; at most {limit}. Remove those that are not needed.",
            file=path.name,
            columns=len(table.headings),
            limit=MAX_COLUMNS,
        )
    return table


def _read(path: Path, reading: Reading) -> Table:
    if path.stat().st_size > MAX_BYTES:
        raise SpreadsheetError(
            "{file} is larger than {limit} MB. Split it.", file=path.name, limit=MAX_BYTES // 10**6
        )
    if _is_workbook(path):
        return read_workbook(path)
    return read_delimited(path, reading.encoding or None, reading.separator or None)


def line_count(path: Path) -> int | None:
    """How many lines a file has, its headings and empty ones among them; None for a workbook, which is packed."""
    if _is_workbook(path):
        return None
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        signature = file.read(4)
    if signature == _OLE:
        raise SpreadsheetError(
            "{file} is an old workbook, or one with a password. Save it as .xlsx, .ods or CSV, without password.",
            file=path.name,
        )
    return signature == _ZIP or path.suffix.lower() in _WORKBOOKS
