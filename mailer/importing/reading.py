"""Which kind of file it is: a workbook says so in its first bytes, anything else is read as CSV."""

from pathlib import Path

from mailer.errors import SpreadsheetError
from mailer.importing.delimited import read_delimited
from mailer.importing.mending import as_it_was
from mailer.importing.table import MAX_BYTES, MAX_COLUMNS, Table
from mailer.importing.workbook import read_workbook

_ZIP = b"PK\x03\x04"
#: The container of .xls, and of workbooks protected by a password.
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOKS = {".xlsx", ".xlsm", ".ods"}


def read_table(path: Path, *, encoding: str | None = None) -> Table:
    """The file's table, of a workbook its first sheet; raises SpreadsheetError with what is wrong and what to do."""
    try:
        table = as_it_was(_read(path, encoding))
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


def _read(path: Path, encoding: str | None) -> Table:
    if path.stat().st_size > MAX_BYTES:
        raise SpreadsheetError(
            "{file} is larger than {limit} MB. Split it.", file=path.name, limit=MAX_BYTES // 10**6
        )
    with path.open("rb") as file:
        signature = file.read(4)
    if signature == _OLE:
        raise SpreadsheetError(
            "{file} is an old workbook, or one with a password. Save it as .xlsx, .ods or CSV, without password.",
            file=path.name,
        )
    if signature == _ZIP or path.suffix.lower() in _WORKBOOKS:
        return read_workbook(path)
    return read_delimited(path, encoding)
