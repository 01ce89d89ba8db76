"""Which column is which: headings in French and English, and the cells below them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from mailer.errors import SpreadsheetError
from mailer.importing.report import CellError, Tally
from mailer.importing.table import MAX_CELL, Record, Table


class Line:
    """One line: `text(name)` is the trimmed cell of a recognised column, empty where the file has none."""

    __slots__ = ("_columns", "cells", "number")

    def __init__(self, record: Record, columns: "Columns") -> None:
        self.number: Final = record.line
        self.cells: Final = record.cells
        self._columns: Final = columns

    def raw(self, name: str) -> str:
        """The cell as it is written."""
        place = self._columns.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def text(self, name: str) -> str:
        """Without outer and doubled blanks; raises CellError for what no honest cell holds."""
        value = self.raw(name)
        if value.isprintable() and len(value) <= MAX_CELL and "  " not in value:
            return value.strip()
        if len(value) > MAX_CELL:
            raise self.error(name, "too-long")
        value = " ".join(value.split())
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
            raise self.error(name, "control-character")
        return value

    def error(self, name: str, reason: str, value: str | None = None) -> CellError:
        return CellError(
            self._columns.heading(name), reason, self.raw(name)[:MAX_CELL] if value is None else value
        )


class Columns:
    """The recognised columns of a table: `known` maps our name to the headings that mean it, the best first."""

    def __init__(
        self, table: Table, known: Mapping[str, tuple[str, ...]], *, required: tuple[str, ...]
    ) -> None:
        written = [_plain(heading) for heading in table.headings]
        self.places: dict[str, int] = {}
        for name, headings in known.items():
            meant = (written.index(plain) for plain in map(_plain, headings) if plain in written)
            place = next(meant, None)
            if place is not None and place not in self.places.values():
                self.places[name] = place
        self._table = table
        self._known = known
        taken = set(self.places.values())
        self.ignored = tuple(
            heading for place, heading in enumerate(table.headings) if heading and place not in taken
        )
        self._require(required)

    def heading(self, name: str) -> str:
        """The column as the file calls it."""
        place = self.places.get(name)
        return self._known[name][0] if place is None else self._table.headings[place]

    def lines(self, tally: Tally) -> Iterator[Line]:
        """Every line that can be read at all; the others are rejected."""
        width = len(self._table.headings)
        for record in self._table.records():
            if record.fault:
                tally.reject(record.line, CellError("", record.fault, record.cells[0]))
            elif len(record.cells) > width and any(record.cells[width:]):
                surplus = next(filter(None, record.cells[width:]))
                tally.reject(record.line, CellError("", "too-many-cells", surplus[:MAX_CELL]))
            else:
                yield Line(record, self)

    def _require(self, required: tuple[str, ...]) -> None:
        for name in required:
            if name not in self.places:
                raise SpreadsheetError(
                    "{file}: no column {column}. Found: {found}. Name one of them {column} in its first line.",
                    file=self._table.name,
                    column=self._known[name][0],
                    found=", ".join(self._table.headings[:12]),
                )


def _plain(heading: str) -> str:
    """Without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()
