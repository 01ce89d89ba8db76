"""Which column is which: headings in French and English, and the cells below them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from mailer.errors import SpreadsheetError
from mailer.importing.report import CellError, Findings
from mailer.importing.table import MAX_CELL, Record, Table

#: Our name of a column -> the headings that mean it, the best first.
Known = Mapping[str, tuple[str, ...]]
#: So many lines below the first are looked at for headings.
_LATEST_HEADINGS = 10
#: What a spreadsheet shows instead of a result, in French and English.
_BROKEN = re.compile(r"#(REF!|N/A|DIV/0!|NAME\?|NOM\?|VALUE!|VALEUR!|NULL!|NUL!|NUM!|NOMBRE!)")


class Line:
    """One line: `text(name)` is the trimmed cell of a recognised column, empty where the file has none."""

    __slots__ = ("_cells", "_columns", "is_tidy", "number")

    def __init__(self, record: Record, columns: "Columns") -> None:
        self.number: Final = record.line
        self._columns: Final = columns
        # Looked at as a whole: a file has ten million cells, and nearly all of them are honest.
        whole = "".join(record.cells)
        #: No cell holds a control character or doubled blanks, and none is too long.
        self.is_tidy: Final = whole.isprintable() and "  " not in whole and len(whole) <= MAX_CELL
        cells = map(str.strip, record.cells) if self.is_tidy else record.cells
        #: As many as headings and an empty one behind them, for columns that the file does not have.
        self._cells: Final[tuple[str, ...]] = (*cells, *columns.padding[len(record.cells) :])

    def raw(self, name: str) -> str:
        """The cell as it is written."""
        return self._cells[self._columns.place(name)]

    def text(self, name: str) -> str:
        """Without outer and doubled blanks; raises CellError for what no honest cell holds."""
        value = self._cells[self._columns.place(name)]
        return value if self.is_tidy else self._tidied(name, value)

    def error(self, name: str, reason: str, value: str | None = None) -> CellError:
        """What is wrong with the cell; where it holds a formula, that."""
        raw = self.raw(name)
        shown = raw[:MAX_CELL] if value is None else value
        return CellError(self._columns.heading(name), _formula(raw) or reason, shown)

    def _tidied(self, name: str, value: str) -> str:
        if len(value) > MAX_CELL:
            raise self.error(name, "too-long")
        value = " ".join(value.split())
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
            raise self.error(name, "control-character")
        return value


class Columns:
    """The recognised columns of a table: `known` maps our name to the headings that mean it, the best first."""

    def __init__(self, table: Table, known: Known, *, required: tuple[str, ...]) -> None:
        self.places = proposed(table.headings, known) if table.chosen is None else dict(table.chosen)
        #: The cells of a line of which nothing is filled.
        self.padding = ("",) * (len(table.headings) + 1)
        self._table = table
        self._known = known
        taken = set(self.places.values())
        self.ignored = tuple(
            heading for place, heading in enumerate(table.headings) if heading and place not in taken
        )
        #: Our name -> the heading that was understood so.
        self.recognised = tuple((name, table.headings[place]) for name, place in self.places.items())
        self._require(required)

    def heading(self, name: str) -> str:
        """The column as the file calls it."""
        place = self.places.get(name)
        return self._known[name][0] if place is None else self._table.headings[place]

    def place(self, name: str) -> int:
        """Where the cell stands in a line with its padding; that of a column which the file has not is empty."""
        return self.places.get(name, -1)

    def lines(self, findings: Findings) -> Iterator[Line]:
        """Every line that can be read at all; the others are rejected."""
        return (Line(record, self) for record in self.records(findings))

    def records(self, findings: Findings) -> Iterator[Record]:
        """The same, with their cells as they are written."""
        width = len(self._table.headings)
        for record in self._table.records():
            if record.fault:
                findings.reject(record.line, CellError("", record.fault, record.cells[0]))
            elif len(record.cells) > width and any(record.cells[width:]):
                surplus = next(filter(None, record.cells[width:]))
                findings.reject(record.line, CellError("", "too-many-cells", surplus[:MAX_CELL]))
            else:
                yield record

    def _require(self, required: tuple[str, ...]) -> None:
        if any(name not in self.places for name in required):
            refuse_late_headings(self._table, self._known, required)
        for name in required:
            if name not in self.places:
                raise SpreadsheetError(
                    "{file}: no column {column}. Found: {found}. Name one of them {column} in its first line.",
                    file=self._table.name,
                    column=self._known[name][0],
                    found=", ".join(self._table.headings[:12]),
                )


def proposed(headings: Sequence[str], known: Known) -> dict[str, int]:
    """Our name of a column -> its place, as far as the headings say it."""
    written = [plain(heading) for heading in headings]
    places: dict[str, int] = {}
    for name, meaning in known.items():
        meant = (written.index(heading) for heading in map(plain, meaning) if heading in written)
        place = next(meant, None)
        if place is not None and place not in places.values():
            places[name] = place
    return places


def refuse_late_headings(table: Table, known: Known, required: tuple[str, ...]) -> None:
    """Raise SpreadsheetError where the headings stand below others: a title, or a first row of merged cells."""
    for record in islice(table.records(), _LATEST_HEADINGS):
        if set(required) <= proposed(record.cells, known).keys():
            raise SpreadsheetError(
                "{file}: the headings are in line {line}, below other lines. Delete the lines above it.",
                file=table.name,
                line=record.line,
            )


def _formula(cell: str) -> str:
    """The reason of rejection of a cell that holds a formula or what became of one; empty for any other."""
    if cell.lstrip().startswith("="):
        return "formula"
    return "formula-error" if _BROKEN.fullmatch(cell.strip()) else ""


def plain(heading: str) -> str:
    """Without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()
