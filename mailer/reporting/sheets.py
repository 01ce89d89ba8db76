"""Tables as files: CSV that Excel reads in the reader's language, and XLSX. No cell of either is a formula.

A text that a spreadsheet would take for one is guarded: by an apostrophe in CSV, by Excel's own mark for text in XLSX,
where the cell stays what it was. Numbers are ours, and stay numbers.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from mailer.cells import guarded, is_formula
from mailer.i18n import Translator, marked

#: None is an empty cell; an instant is naive, in the reader's zone.
Cell = str | int | float | datetime | None

NOT_MEASURED = marked("not measured")
#: How each form is served.
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_DIGITS = 2
#: Excel's limit for the name of a sheet.
_NAME = 31
_WIDEST = 60
_HOUR = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Each row has as many cells as there are headings."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def rounded(rate: float | None, t: Translator) -> Cell:
    """A rate in per cent, for a column whose heading says so; never a number where nothing was measured."""
    return t(NOT_MEASURED) if rate is None else round(100 * rate, _DIGITS)


def as_csv(sheets: Sequence[Sheet], t: Translator) -> bytes:
    """UTF-8 behind the mark by which Excel knows it; several tables stand below each other, each under its title.

    In French columns are parted by semicolons and decimals by commas: what a French Excel expects.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if t.language == "fr" else ",")
    for number, sheet in enumerate(sheets):
        if len(sheets) > 1:
            writer.writerows([[]] if number else [])
            writer.writerow([guarded(sheet.title)])
        writer.writerow([guarded(heading) for heading in sheet.headings])
        writer.writerows([_written(cell, t) for cell in row] for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sequence[Sheet], *, at: datetime) -> bytes:
    """A workbook with a sheet per table; `at` is what it says of when it was made."""
    file = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"in_memory": True, **as_text})
    book.set_properties({"created": at.replace(tzinfo=None)})
    formats = {
        "heading": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "guarded": book.add_format({"quote_prefix": True}),
        "hour": book.add_format({"num_format": _HOUR}),
    }
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.title[:_NAME]), sheet, formats)
    book.close()
    return file.getvalue()


def _written(cell: Cell, t: Translator) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, float):
        plain = f"{cell:.{_DIGITS}f}".rstrip("0").rstrip(".")
        return plain.replace(".", ",") if t.language == "fr" else plain
    return guarded(cell) if isinstance(cell, str) else str(cell)


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    for column, heading in enumerate(sheet.headings):
        page.write_string(0, column, heading, formats["heading"])
        longest = max((len(_seen(row[column])) for row in sheet.rows), default=0)
        page.set_column(column, column, min(_WIDEST, max(longest, 10) + 2))
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(page, number, column, cell, formats)
    page.freeze_panes(1, 1)


def _write_cell(page: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, cell, formats["guarded"] if is_formula(cell) else None)
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell, formats["hour"])
    elif cell is not None:
        page.write_number(row, column, cell)


def _seen(cell: Cell) -> str:
    return _HOUR if isinstance(cell, datetime) else "" if cell is None else str(cell)
