"""The columns of a waiting file on its page: a select for each, and what was chosen as the query of an address.

The query holds places and our names of columns: `c0=address&c1=`, nothing of the file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from mailer.app.imports import Prepared
from mailer.errors import InputError
from mailer.i18n import Translator
from mailer.web import import_words

#: How many columns the file had when they were chosen.
COUNT = "n"
_PLACE = re.compile(r"c(\d{1,3})", re.ASCII)
_CELLS = 3


class TwiceError(InputError):
    """Two columns are said to hold the same."""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column with its first cells; `meaning` is our name, empty for one that is left out."""

    place: int
    heading: str
    sample: tuple[str, ...]
    meaning: str


def chosen(query: Mapping[str, str]) -> dict[str, int] | None:
    """Our name of a column -> its place; None where the query says nothing. Raises TwiceError."""
    said = {int(found[1]): name for key, name in query.items() if (found := _PLACE.fullmatch(key))}
    if not said:
        return None
    places: dict[str, int] = {}
    for place, name in sorted(said.items()):
        if name and name in places:
            raise TwiceError(
                "Two columns are said to hold the same. Choose one of them, leave the other out."
            )
        if name:
            places[name] = place
    return places


def chosen_any(query: Mapping[str, str]) -> bool:
    """Whether the query says anything of columns."""
    return any(_PLACE.fullmatch(key) for key in query)


def fits(query: Mapping[str, str], file: Prepared) -> bool:
    """Whether the file has as many columns as it had when they were chosen."""
    return query.get(COUNT) == str(len(file.table.headings))


def query(file: Prepared) -> str:
    """What `chosen` reads, with its question mark."""
    meanings = _meanings(file)
    return "?" + urlencode(
        {f"c{place}": meanings.get(place, "") for place in range(len(file.table.headings))}
    )


def rows(file: Prepared, sample: Sequence[Sequence[str]], t: Translator) -> list[ColumnRow]:
    """Every column that has a heading, or a meaning all the same."""
    meanings = _meanings(file)
    return [
        ColumnRow(
            place,
            heading or t("column {number}, without heading", number=place + 1),
            tuple(cells[place] for cells in sample[:_CELLS] if place < len(cells) and cells[place]),
            meanings.get(place, ""),
        )
        for place, heading in enumerate(file.table.headings)
    ]


def options(file: Prepared, t: Translator) -> list[tuple[str, str]]:
    """What a column may hold: our name and its word; first of all nothing."""
    return [("", t("left out")), *((name, import_words.column(t, name)) for name in file.names)]


def _meanings(file: Prepared) -> dict[int, str]:
    return {place: name for name, place in file.places.items()}
