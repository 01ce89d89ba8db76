"""A spreadsheet file as a table of texts: CSV in the encodings and separators found in the wild, XLSX and ODS.

Caps keep a hostile file from taking the machine (security S7): bytes, the ratio of compression, lines, columns,
the length of a cell.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from mailer.errors import SpreadsheetError

MAX_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 800_000_000
MAX_RATIO = 200
MAX_LINES = 2_000_000
MAX_COLUMNS = 500
MAX_CELL = 10_000
_SEPARATORS = ";,\t"
_ZIPPED = {".xlsx", ".ods", ".xlsm"}


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are (line of the file, cells); the heading line is line 1 and not among them."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str = ""
    separator: str = ""


def read_table(path: Path, *, encoding: str | None = None) -> Table:
    """The first sheet of the file; raises SpreadsheetError with what is wrong and what to do."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SpreadsheetError(
                "{file} is larger than {limit} MB. Split it.", file=path.name, limit=MAX_BYTES // 10**6
            )
        if path.suffix.lower() in _ZIPPED:
            return _read_workbook(path)
        return _read_csv(path, encoding)
    except OSError as error:
        raise SpreadsheetError(
            "{file} cannot be read: {reason}.", file=path, reason=error.strerror
        ) from error


def _read_csv(path: Path, encoding: str | None) -> Table:
    raw = path.read_bytes()
    text, found = _decoded(raw, encoding, path)
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = list(_numbered(reader))
    except csv.Error as error:
        raise SpreadsheetError(
            "{file}, line {line}: this is not a readable CSV ({reason}).",
            file=path.name,
            line=reader.line_num,
            reason=error,
        ) from error
    return _table(path, rows, encoding=found, separator=separator)


def _numbered(reader: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each record with the line on which it starts: a line break inside a cell shifts nothing."""
    start = 1
    for record in reader:
        yield start, tuple(record)
        start = reader.line_num + 1


def _decoded(raw: bytes, encoding: str | None, path: Path) -> tuple[str, str]:
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise SpreadsheetError(
            "{file} is not a CSV but a workbook. Give it its ending: .xlsx or .ods.", file=path.name
        )
    # Automatic detectors read French cp1252 as cp1250: two tries, and the guess is shown.
    for guess in [encoding] if encoding else ["utf-8-sig", "cp1252"]:
        try:
            return raw.decode(guess), guess
        except (UnicodeDecodeError, LookupError):
            continue
    raise SpreadsheetError(
        "{file} is neither UTF-8 nor Windows-1252. Save it again as CSV UTF-8.", file=path.name
    )


def _read_workbook(path: Path) -> Table:
    _refuse_bomb(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        values = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError) as error:
        raise SpreadsheetError(
            "{file} cannot be read as a workbook ({reason}).", file=path.name, reason=error
        ) from error
    rows = [(number, tuple(map(_cell, cells))) for number, cells in enumerate(values, start=1)]
    return _table(path, rows)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(item.file_size, max(1, item.compress_size)) for item in archive.infolist()]
    except zipfile.BadZipFile as error:
        raise SpreadsheetError(
            "{file} is not a workbook: it is damaged, or of another kind.", file=path.name
        ) from error
    unpacked = sum(size for size, _ in sizes)
    packed = sum(size for _, size in sizes)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > 50_000_000 and unpacked / packed > MAX_RATIO):
        raise SpreadsheetError(
            "{file} unpacks to {size} MB: refused.", file=path.name, size=unpacked // 10**6
        )


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(
    path: Path, rows: list[tuple[int, tuple[str, ...]]], *, encoding: str = "", separator: str = ""
) -> Table:
    if not rows:
        raise SpreadsheetError("{file} is empty.", file=path.name)
    (_, headings), *body = rows
    if len(body) > MAX_LINES or len(headings) > MAX_COLUMNS:
        raise SpreadsheetError(
            "{file} has {lines} lines and {columns} columns; at most {most_lines} and {most_columns}.",
            file=path.name,
            lines=len(body),
            columns=len(headings),
            most_lines=MAX_LINES,
            most_columns=MAX_COLUMNS,
        )
    filled = tuple((line, cells) for line, cells in body if any(cells))
    return Table(
        name=path.name,
        headings=tuple(heading.strip() for heading in headings),
        rows=filled,
        encoding=encoding,
        separator=separator,
    )
