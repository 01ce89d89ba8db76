"""What an audience is made of, on both databases."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from mailer.importing import IMPORTS, read_table
from mailer.model.columns import table
from mailer.model.people import Contact, Subscription
from mailer.model.segment import Segment
from mailer.segments import coverage, makeup, not_members, people, resolve
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


def test_an_audience_is_in_the_order_of_its_numbers(store: Store) -> None:
    """Rows that were written in another order: PostgreSQL reads them as they lie."""
    ids = range(40, 0, -1)
    given = {"attributes": {}, "created_at": NOW, "updated_at": NOW}
    with store.write() as tx:
        tx.execute(
            table(Contact).insert(), [{"id": each, "address": f"p{each}@v.example", **given} for each in ids]
        )
        held = {"topic": "newsletter", "state": "subscribed", "at": NOW}
        tx.execute(table(Subscription).insert(), [{"contact_id": each, **held} for each in ids])
        everybody = Segment("all", "All", Path("all.toml"))
        assert list(resolve(tx, everybody, topic="newsletter", day=DAY).contact_ids) == sorted(ids)
