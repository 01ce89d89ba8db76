"""Importing and segments, on the example contacts repeated to 100,000 lines."""

import csv
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import DATA, Row, median, seconds
from mailer.importing import IMPORTS, read_table
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.segments import resolve
from mailer.store import Store
from mailer.store.schema import migrate

LINES = 100_000
AT = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)


def fill(store: Store, folder: Path, lines: int) -> float:
    """Import organisations and that many distinct contacts; the seconds of the contacts' import."""
    path = folder / "contacts.csv"
    _repeat(path, lines)
    with store.write() as tx:
        IMPORTS["organisations"](tx, read_table(DATA / "collectivites.csv"), at=AT, by="bench")

    def contacts() -> None:
        with store.write() as tx:
            IMPORTS["contacts"](tx, read_table(path), at=AT, by="bench")

    return seconds(contacts)


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(f"sqlite:///{folder / 'bench.db'}")
        migrate(store)
        taken = fill(store, folder, LINES)
        rule = Group(
            Junction.ALL,
            (
                Condition("organisation.region", Operator.IS, "Occitanie"),
                Condition("contact.job", Operator.ANY_OF, ("élu·e", "commande publique")),
                Condition("contact.last_name", Operator.STARTS_WITH, "M"),
            ),
        )
        segment = Segment("bench", "Bench", Path("bench"), members_only=True, where=rule)

        def resolved() -> None:
            with store.read() as tx:
                resolve(tx, segment, topic="newsletter", day=AT.date())

        counted = median(resolved, runs=5)
        store.close()
    return [
        Row(
            f"CSV import of {LINES:,} contacts, SQLite", f"{LINES / taken:,.0f} lines/s", ">= 50,000 lines/s"
        ),
        Row(
            f"three-rule members-only segment over {LINES:,}, with reasons",
            f"{counted:.2f} s",
            "< 1 s at 1,000,000",
        ),
    ]


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
