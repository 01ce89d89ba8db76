"""Importing, on the example contacts repeated to a large file."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import KINDS, database, processor_of
from bench.measure import DATA, LARGE, Row, peak_mb, seconds
from mailer.importing import IMPORTS, read_table
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.store import Store
from mailer.store.schema import migrate

_FILE = "contacts.csv"
AT = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)


def fill(store: Store, folder: Path, lines: int) -> tuple[float, float]:
    """Import organisations and that many distinct contacts; the seconds of the contacts' import, see `import_contacts`."""
    _repeat(folder / _FILE, lines)
    with store.write() as tx:
        IMPORTS["organisations"](tx, read_table(DATA / "collectivites.csv"), at=AT, by="bench")
    return import_contacts(store, folder)


def import_contacts(store: Store, folder: Path) -> tuple[float, float]:
    """By the clock, and of the processor: of this process and of the database's server."""

    def imported() -> None:
        with store.write(unhurried=True) as tx:
            IMPORTS["contacts"](tx, read_table(folder / _FILE), at=AT, by="bench")

    used = processor_of(store)
    before = used()
    taken = seconds(imported)
    return taken, used() - before


def rows() -> Iterator[Row]:
    """Of both imports, by the clock and by the processor: that of this process and of the database's server."""
    for kind in KINDS:
        with database(kind) as url, tempfile.TemporaryDirectory() as name:
            store = Store(url)
            migrate(store)
            taken, used = fill(store, Path(name), LARGE)
            again = import_contacts(store, Path(name))
            store.close()
        yield Row(f"CSV import of {LARGE:,} new contacts, {kind}", _figure(taken, used), ">= 50,000 lines/s")
        yield Row(f"the same file once more: nothing changes, {kind}", _figure(*again))
    yield Row("peak memory of both imports", f"{peak_mb():.0f} MB")


def _figure(taken: float, used: float) -> str:
    return f"{LARGE / taken:,.0f} lines/s; {LARGE / used:,.0f} a second of the processor"


def three_rules() -> Segment:
    """Members of a region, with some jobs, whose name begins with a letter."""
    rule = Group(
        Junction.ALL,
        (
            Condition("organisation.region", Operator.IS, "Occitanie"),
            Condition("contact.job", Operator.ANY_OF, ("élu·e", "commande publique")),
            Condition("contact.last_name", Operator.STARTS_WITH, "M"),
        ),
    )
    return Segment("bench", "Bench", Path("bench"), members_only=True, where=rule)


def _repeat(path: Path, lines: int) -> None:
    with (DATA / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        heading, *people = list(csv.reader(file, delimiter=";"))
    good = [
        line
        for line in people
        if line[0].count("@") == 1 and line[0].isascii() and " " not in line[0].strip()
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heading)
        for number in range(lines):
            line = list(good[number % len(good)])
            line[0] = f"p{number}@poste.example"
            writer.writerow(line)
