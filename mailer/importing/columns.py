"""Which column is which, and the values of cells: headings in French and English, dates, yes and no, SIREN."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mailer.errors import SpreadsheetError
from mailer.importing.report import CellError
from mailer.importing.table import MAX_CELL, Table

_YES = {"oui", "yes", "o", "y", "1", "true", "vrai", "x"}
_NO = {"non", "no", "n", "0", "false", "faux"}
_LA_POSTE = "356000000"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `cell(name)` is the trimmed text of a recognised column, empty where the file has none."""

    number: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    headings: Mapping[str, str]

    def raw(self, name: str) -> str:
        """The cell as it is; raises CellError when it is longer than any honest cell."""
        place = self.places.get(name)
        value = self.cells[place] if place is not None and place < len(self.cells) else ""
        if len(value) > MAX_CELL:
            raise CellError(self.heading(name), "too-long", value)
        return value

    def cell(self, name: str) -> str:
        return " ".join(self.raw(name).split())

    def heading(self, name: str) -> str:
        """The column as the file calls it."""
        return self.headings.get(name, name)


class Columns:
    """The recognised columns of a table: `known` maps our name to the headings that mean it."""

    def __init__(
        self, table: Table, known: Mapping[str, tuple[str, ...]], *, required: tuple[str, ...]
    ) -> None:
        meanings = {_plain(heading): name for name, headings in known.items() for heading in headings}
        self.places: dict[str, int] = {}
        self.headings: dict[str, str] = {}
        ignored = []
        for place, heading in enumerate(table.headings):
            name = meanings.get(_plain(heading))
            if name is None or name in self.places:
                ignored.append(heading)
            else:
                self.places[name] = place
                self.headings[name] = heading
        self.ignored = tuple(ignored)
        self._table = table
        for name in required:
            if name not in self.places:
                raise SpreadsheetError(
                    "{file}: no column {column}. Found: {found}. Name one of them {column} in its first line.",
                    file=table.name,
                    column=known[name][0],
                    found=", ".join(table.headings[:12]),
                )

    def lines(self) -> Iterator[Line]:
        for number, cells in self._table.rows:
            yield Line(number, cells, self.places, self.headings)


def _plain(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def read_yes(line: Line, name: str) -> bool | None:
    """True, False, or None for an empty cell."""
    value = line.cell(name).casefold()
    if not value:
        return None
    if value not in _YES | _NO:
        raise CellError(line.heading(name), "yes-no", line.cell(name))
    return value in _YES


def read_date(line: Line, name: str) -> date | None:
    """31/12/2026 or 2026-12-31; None for an empty cell."""
    value = line.cell(name)
    if not value:
        return None
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(value[:10], form).date()  # noqa: DTZ007  # a calendar day has no zone
        except ValueError:
            continue
    raise CellError(line.heading(name), "date", value)


def read_number(line: Line, name: str) -> int | None:
    value = re.sub(r"\s", "", line.cell(name))
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise CellError(line.heading(name), "number", value)
    return int(value)


def read_siren(line: Line, name: str) -> str | None:
    """Nine digits with Luhn's check digit (La Poste's number is the known exception); None for an empty cell."""
    value = re.sub(r"[\s.]", "", line.raw(name))
    if not value:
        return None
    if not is_siren(value):
        raise CellError(line.heading(name), "siren", value)
    return value


def is_siren(value: str) -> bool:
    if not (len(value) == 9 and value.isascii() and value.isdigit()):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(value))
    return value == _LA_POSTE or sum(number - 9 * (number > 9) for number in doubled) % 10 == 0
