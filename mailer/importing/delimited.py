"""CSV as it is found in the wild: three separators, three encodings, quotation marks that nobody closed."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import dropwhile
from pathlib import Path

from mailer.errors import SpreadsheetError
from mailer.importing.table import MAX_LINES, Record, Table

_SEPARATORS = ";,\t"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: Excel's own hint above the headings.
_HINT = re.compile(r"sep=([;,\t])\r?\n?", re.IGNORECASE)


def read_delimited(path: Path, encoding: str | None) -> Table:
    """The table of a CSV file; without `encoding` the guess is UTF-8, else Windows-1252."""
    text, found = _decoded(path.read_bytes(), encoding, path.name)
    lines = text.count("\n")
    if lines > MAX_LINES:
        raise SpreadsheetError(
            "{file} has {lines} lines; at most {limit}. Split it.",
            file=path.name,
            lines=lines,
            limit=MAX_LINES,
        )
    separator = _separator(text)
    read = partial(_records, text, separator, path.name)
    headings = next(read(), None)
    if headings is None:
        raise SpreadsheetError("{file} is empty.", file=path.name)
    return Table(
        name=path.name,
        headings=tuple(heading.strip() for heading in headings.cells),
        read=partial(_below_headings, read),
        encoding=found,
        separator=separator,
    )


def _decoded(raw: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    # Automatic detectors read French cp1252 as cp1250: fixed tries, and the guess is shown.
    guesses = ["utf-16"] if raw.startswith(_UTF_16) else ["utf-8-sig", "cp1252"]
    for guess in [encoding] if encoding else guesses:
        try:
            return raw.decode(guess), guess
        except (UnicodeError, LookupError):
            continue
    raise SpreadsheetError("{file} is neither UTF-8 nor Windows-1252. Save it again as CSV UTF-8.", file=name)


def _separator(text: str) -> str:
    """The separator that cuts the headings into most cells."""
    first = text.lstrip("\r\n").partition("\n")[0][:100_000]
    hint = _HINT.fullmatch(first)
    if hint:
        return hint[1]
    return max(_SEPARATORS, key=lambda each: len(next(csv.reader([first], delimiter=each), [])))


def _below_headings(read: partial[Iterator[Record]]) -> Iterator[Record]:
    records = read()
    next(records)
    return records


def _records(text: str, separator: str, name: str) -> Iterator[Record]:
    """Every record from the headings on; a line break inside quotation marks shifts no number."""
    start = 1
    kept: list[str] = []
    reader = csv.reader(_remembered(io.StringIO(text, newline=""), kept), delimiter=separator)
    try:
        for record in dropwhile(_is_preamble, _spanned(reader, kept)):
            yield from _checked(record, separator)
            start = record[0] + len(record[2])
    except csv.Error as error:
        raise SpreadsheetError(
            "{file}, line {line}: this is not a readable CSV ({reason}). Is a quotation mark closed?",
            file=name,
            line=start,
            reason=error,
        ) from error


_Spanned = tuple[int, list[str], list[str]]


def _remembered(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _spanned(reader: Iterable[list[str]], kept: list[str]) -> Iterator[_Spanned]:
    """Each record with its first line's number and the lines that it spans."""
    start = 1
    for cells in reader:
        yield start, cells, kept.copy()
        start += len(kept)
        kept.clear()


def _is_preamble(record: _Spanned) -> bool:
    _, cells, lines = record
    return not any(cells) or _HINT.fullmatch(lines[0]) is not None


def _checked(record: _Spanned, separator: str) -> Iterator[Record]:
    """The record; where its quotation marks are wrong, line by line, so that it does not swallow its neighbours."""
    start, cells, lines = record
    if (len(lines) == 1 and lines[0].count('"') % 2 == 0) or _is_strict(lines, separator):
        yield Record(start, tuple(cells))
        return
    for number, line in enumerate(lines, start=start):
        if _is_strict([line], separator):
            yield Record(number, tuple(next(csv.reader([line], delimiter=separator), [])))
        else:
            yield Record(number, (line.strip(),), "quotes")


def _is_strict(lines: list[str], separator: str) -> bool:
    try:
        return len(list(csv.reader(lines, delimiter=separator, strict=True))) == 1
    except csv.Error:
        return False
