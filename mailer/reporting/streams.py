"""Long tables as files, a piece at a time: a million people never stand in memory. The guards are those of `sheets`."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import xlsxwriter

from mailer.cells import guarded, is_formula
from mailer.i18n import Translator

#: Excel knows no more.
MOST_ROWS = 1_048_575
_PIECE = 65_536
_ROWS = 500

Row = Sequence[str]


def csv_pieces(headings: Row, rows: Iterable[Row], t: Translator) -> Iterator[bytes]:
    """UTF-8 behind the mark by which Excel knows it, as `as_csv` writes it."""
    yield b"\xef\xbb\xbf"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if t.language == "fr" else ",")
    for number, row in enumerate(_with(headings, rows)):
        writer.writerow([guarded(cell) for cell in row])
        if number % _ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def xlsx_pieces(title: str, headings: Row, rows: Iterable[Row], *, at: datetime) -> Iterator[bytes]:
    """A workbook of one sheet of texts; written to a file without a name, then given away."""
    with tempfile.TemporaryFile() as file:
        as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(file, {"constant_memory": True, **as_text})
        book.set_properties({"created": at.replace(tzinfo=None)})
        heading, mark = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        page = book.add_worksheet(title[:31])
        page.freeze_panes(1, 0)
        for number, row in enumerate(_with(headings, rows)):
            for column, cell in enumerate(row):
                form = mark if is_formula(cell) else heading if number == 0 else None
                page.write_string(number, column, cell, form)
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _with(headings: Row, rows: Iterable[Row]) -> Iterator[Row]:
    yield headings
    yield from rows


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8")
    text.seek(0)
    text.truncate()
    return piece
