"""A file may subscribe to many topics, on either database."""

from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.errors import SpreadsheetError
from mailer.importing import ImportReport, import_contacts, read_table
from mailer.model.columns import table
from mailer.model.people import Subscription
from mailer.store import Store
from tests.conftest import NOW
from tests.importing.files import written

TOPICS = {f"topic-{number}": (f"Lettre {number}",) for number in range(100)}


def joined(store: Store, folder: Path, *, first: int, count: int, by: str = "oui") -> ImportReport:
    """Import a file of two lines of one person, who says yes to these topics: in turn in the one and the other."""
    headings = [f"Lettre {first + number}" for number in range(count)]
    odd = [by if number % 2 else "" for number in range(count)]
    even = ["" if number % 2 else by for number in range(count)]
    lines = (["Courriel", *headings], ["a@ville.example", *odd], ["a@ville.example", *even])
    file = written(folder, "".join(";".join(each) + "\n" for each in lines))
    with store.write() as tx:
        return import_contacts(tx, read_table(file), at=NOW, by="test", topics=TOPICS)


def topics(store: Store) -> set[str]:
    with store.read() as tx:
        return set(tx.execute(select(table(Subscription).c.topic)).scalars())


@pytest.mark.parametrize(("first", "count"), [(0, 31), (0, 32), (0, 33), (0, 63), (37, 63), (90, 3)])
def test_each_topic_that_a_file_asks_for_is_joined(
    store: Store, tmp_path: Path, first: int, count: int
) -> None:
    report = joined(store, tmp_path, first=first, count=count)
    assert (report.new, report.duplicates) == (1, 1)
    assert topics(store) == {f"topic-{first + number}" for number in range(count)}
    again = joined(store, tmp_path, first=first, count=count)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)


def test_somebody_known_joins_the_last_of_many(store: Store, tmp_path: Path) -> None:
    joined(store, tmp_path, first=0, count=62)
    assert joined(store, tmp_path, first=0, count=63).changed == 1
    assert "topic-62" in topics(store)


def test_more_topics_than_one_file_holds_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SpreadsheetError, match="64 columns of topics; at most 63"):
        joined(store, tmp_path, first=0, count=64)
    assert topics(store) == set()
