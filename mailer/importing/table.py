"""A spreadsheet file as a table of texts, and the caps that keep a hostile file from taking the machine (security S7)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

MAX_BYTES = 200_000_000
MAX_LINES = 2_000_000
MAX_COLUMNS = 500
MAX_CELL = 10_000
_TELL_EVERY = 5_000


class Record(NamedTuple):
    """One line below the headings; `line` counts from 1 in the file. With a `fault` nothing else can be said of it."""

    line: int
    cells: tuple[str, ...]
    #: A reason of rejection; empty for a line that can be read.
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The headings, and the lines below them: read anew each time they are asked for, so that none is kept."""

    name: str
    headings: tuple[str, ...]
    read: Callable[[], Iterator[Record]]
    #: As guessed or given; empty for a workbook.
    encoding: str = ""
    separator: str = ""
    #: The first range of merged cells below one another, such as `A2:A5`: only its first line holds the text.
    merged: str = ""
    #: Our name of a column -> its place from 0, as somebody chose it; None: the headings say it.
    chosen: Mapping[str, int] | None = None

    def records(self) -> Iterator[Record]:
        """Every line that holds anything."""
        return (record for record in self.read() if any(record.cells))

    def watched(self, seen: Callable[[int, bool], None]) -> "Table":
        """The same, which tells while it is read how many lines were read, and at last that all were."""

        def read() -> Iterator[Record]:
            number = 0
            for number, record in enumerate(self.read(), start=1):
                if number % _TELL_EVERY == 0:
                    seen(number, False)
                yield record
            seen(number, True)

        return replace(self, read=read)
