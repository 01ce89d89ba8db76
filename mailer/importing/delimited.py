"""CSV as it is found in the wild: separators and encodings that are guessed or given, quotation marks that nobody closed."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, dropwhile
from pathlib import Path

from mailer.errors import SpreadsheetError
from mailer.importing.table import MAX_LINES, Record, Table

#: What may be chosen by hand; the first ones are also guessed.
ENCODINGS = ("utf-8-sig", "cp1252", "utf-16", "iso8859-15", "mac_roman", "cp850")
SEPARATORS = (";", ",", "\t", "|")
_GUESSED = SEPARATORS[:3]
#: So many characters are looked at together.
_PIECE = 1 << 20
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: Excel's own hint above the headings.
_HINT = re.compile(r"sep=([;,\t])\r?\n?", re.IGNORECASE)


class EncodingError(SpreadsheetError):
    """A text whose encoding nobody can guess: somebody may know it."""


def read_delimited(path: Path, encoding: str | None, separator: str | None = None) -> Table:
    """The table of a CSV file; without `encoding` the guess is UTF-8, else Windows-1252.

    Kept as its bytes: text takes up to eight times as much, and is made line by line when it is asked for.
    """
    raw = path.read_bytes()
    found, lines = _guessed(raw, encoding, path.name)
    if lines > MAX_LINES:
        raise SpreadsheetError(
            "{file} has {lines} lines; at most {limit}. Split it.",
            file=path.name,
            lines=lines,
            limit=MAX_LINES,
        )
    separator = separator or _separator(_text(raw, found))
    read = partial(_records, raw, found, separator, path.name)
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


def _guessed(raw: bytes, encoding: str | None, name: str) -> tuple[str, int]:
    """The encoding in which the whole file can be read, and how many lines it then has."""
    # Automatic detectors read French cp1252 as cp1250: fixed tries, and the guess is shown.
    guesses = ["utf-16"] if raw.startswith(_UTF_16) else ["utf-8-sig", "cp1252"]
    for guess in [encoding] if encoding else guesses:
        try:
            pieces = iter(partial(_text(raw, guess).read, _PIECE), "")
            return guess, sum(piece.count("\n") for piece in pieces)
        except (UnicodeError, LookupError):
            continue
    if encoding:
        raise SpreadsheetError(
            "{file} cannot be read in this encoding: it holds what {encoding} does not know. Choose another one.",
            file=name,
            encoding=encoding,
        )
    # A file that is no text at all holds such bytes; a text of an old system does not.
    kind = SpreadsheetError if b"\0" in raw else EncodingError
    raise kind("{file} is neither UTF-8 nor Windows-1252. Save it again as CSV UTF-8.", file=name)


def _text(raw: bytes, encoding: str) -> io.TextIOWrapper:
    """The text from its beginning, with the ends of its lines as they are."""
    return io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")


def _separator(text: Iterable[str]) -> str:
    """The separator that cuts the headings into most cells."""
    first = next((line for line in text if line.strip("\r\n")), "")[:100_000]
    hint = _HINT.fullmatch(first)
    if hint:
        return hint[1]
    return max(_GUESSED, key=lambda each: len(next(csv.reader([first], delimiter=each), [])))


def _below_headings(read: partial[Iterator[Record]]) -> Iterator[Record]:
    records = read()
    next(records)
    return records


def _records(raw: bytes, encoding: str, separator: str, name: str) -> Iterator[Record]:
    """Every record from the headings on; a line break inside quotation marks shifts no number."""
    lines = enumerate(_text(raw, encoding), start=1)
    return dropwhile(_is_preamble, _cut(lines, separator, name))


def _cut(lines: Iterator[tuple[int, str]], separator: str, name: str) -> Iterator[Record]:
    """A line without quotation marks is one record, and a plain cut says the same as the CSV reader."""
    for number, line in lines:
        if '"' in line:
            yield from _quoted(number, line, lines, separator, name)
        else:
            yield Record(number, tuple(line.rstrip("\r\n").split(separator)))


def _quoted(
    start: int, first: str, lines: Iterator[tuple[int, str]], separator: str, name: str
) -> Iterator[Record]:
    """One record, of as many lines as its quotation marks span.

    Where they are wrong it is read line by line, so that it does not swallow its neighbours.
    """
    spanned: list[str] = []
    reader = csv.reader(
        _remembered(chain([first], (line for _, line in lines)), spanned), delimiter=separator
    )
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise SpreadsheetError(
            "{file}, line {line}: this is not a readable CSV ({reason}). Is a quotation mark closed?",
            file=name,
            line=start,
            reason=error,
        ) from error
    if (len(spanned) == 1 and first.count('"') % 2 == 0) or _is_strict(spanned, separator):
        yield Record(start, tuple(cells))
        return
    for number, line in enumerate(spanned, start=start):
        if _is_strict([line], separator):
            yield Record(number, tuple(next(csv.reader([line], delimiter=separator), [])))
        else:
            yield Record(number, (line.strip(),), "quotes")


def _remembered(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _is_preamble(record: Record) -> bool:
    """Above the headings: nothing, or Excel's hint, which is cut at the separator that it names."""
    first, *others = record.cells
    return not any(record.cells) or (first.casefold() == "sep=" and others == [""])


def _is_strict(lines: list[str], separator: str) -> bool:
    try:
        return len(list(csv.reader(lines, delimiter=separator, strict=True))) == 1
    except csv.Error:
        return False
