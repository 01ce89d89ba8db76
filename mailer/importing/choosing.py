"""Columns as somebody chose them: on the page, by name on a terminal, or last month in a file of the same headings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from mailer.errors import InputError
from mailer.importing import columns, contacts, exclusions, organisations
from mailer.importing.columns import Known, plain, proposed
from mailer.importing.table import Table

Topics = Mapping[str, tuple[str, ...]]


def known_columns(kind: str, topics: Topics = contacts.TOPICS) -> Known:
    """Our names of the columns of a kind of file, with the headings that mean them."""
    if kind == "contacts":
        return contacts.known_columns(topics)
    return {"organisations": organisations.COLUMNS, "exclusions": exclusions.COLUMNS}[kind]


def required_columns(kind: str) -> tuple[str, ...]:
    """Those without which nothing can be imported."""
    required = {"organisations": organisations.REQUIRED, "exclusions": exclusions.REQUIRED}
    return required.get(kind, contacts.REQUIRED)


def proposal(kind: str, table: Table, topics: Topics = contacts.TOPICS) -> dict[str, int]:
    """Our name -> the place of its column, as far as the headings say it."""
    return proposed(table.headings, known_columns(kind, topics))


def refuse_late_headings(kind: str, table: Table, topics: Topics = contacts.TOPICS) -> None:
    """Raise SpreadsheetError where the headings stand below other lines."""
    columns.refuse_late_headings(table, known_columns(kind, topics), required_columns(kind))


def fingerprint(kind: str, headings: Sequence[str]) -> str:
    """The same for next month's file: kind and headings, without their case and accents."""
    return sha256("\n".join((kind, *map(plain, headings))).encode()).hexdigest()


def with_places(
    table: Table, kind: str, places: Mapping[str, int], topics: Topics = contacts.TOPICS
) -> Table:
    """The table read with these columns; what it has not, or nobody knows, is left out."""
    known = known_columns(kind, topics)
    width = len(table.headings)
    return replace(
        table, chosen={name: place for name, place in places.items() if name in known and 0 <= place < width}
    )


def by_name(
    kind: str,
    table: Table,
    named: Mapping[str, str],
    start: Mapping[str, int],
    topics: Topics = contacts.TOPICS,
) -> dict[str, int]:
    """`start`, with some columns named by hand: our name -> heading, empty to leave it out.

    Raises InputError for a name or a heading that is not there.
    """
    known = known_columns(kind, topics)
    places = {name: place for name, place in start.items() if name not in named}
    written = [plain(heading) for heading in table.headings]
    for name, heading in named.items():
        if name not in known:
            raise InputError("There is no column {name}. Known: {known}.", name=name, known=", ".join(known))
        if not heading:
            continue
        if plain(heading) not in written:
            raise InputError(
                "{file} has no heading {heading}. Found: {found}.",
                file=table.name,
                heading=heading,
                found=", ".join(table.headings[:12]),
            )
        places[name] = written.index(plain(heading))
    taken = {places[name] for name in named if name in places}
    return {name: place for name, place in places.items() if name in named or place not in taken}
