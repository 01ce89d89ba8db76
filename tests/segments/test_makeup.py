"""What an audience is made of, on both databases."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from mailer.importing import IMPORTS, read_table
from mailer.model.columns import table
from mailer.model.people import Contact
from mailer.model.segment import Segment
from mailer.segments import coverage, makeup, not_members, people
from mailer.store import Store
from tests.conftest import NOW
from tests.web.people import CONTACTS, EXCLUSIONS, ORGANISATIONS

DAY = date(2026, 6, 11)
MEMBERS = Segment("members", "Members", Path("members.toml"), members_only=True)


def test_the_numbers_and_the_people_of_an_audience(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        for kind, text in (
            ("organisations", ORGANISATIONS),
            ("exclusions", EXCLUSIONS),
            ("contacts", CONTACTS),
        ):
            path = tmp_path / f"{kind}.csv"
            path.write_text(text, "utf-8")
            IMPORTS[kind](tx, read_table(path), at=NOW, by="claude")
        ids = list(tx.execute(select(table(Contact).c.id).order_by(table(Contact).c.address)).scalars())
        assert makeup(tx, ids).kinds == {"ville": 3, "intercommunalite": 2}
        assert [each.name for each in people(tx, ids[:2])] == ["<b>Bo</b> =1+1", "Anne Aude"]
        found = coverage(tx, ids[:2], day=DAY)
        assert (found.reached, [each.name for each in found.missed]) == (1, ["Ville de Cayenne"])
        count, asking = not_members(tx, MEMBERS, topic="flash", day=DAY, limit=10)
        assert (count, [each.address for each in asking]) == (1, ["driss@passe.example"])
