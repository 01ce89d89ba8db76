"""The example files give exactly the expected people, in both encodings and on both databases; twice is once."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mailer.importing import IMPORTS, ImportReport, read_table
from mailer.model.columns import table
from mailer.model.people import Contact, Membership, Organisation
from mailer.model.segment import Audience, Segment
from mailer.segments import resolve
from mailer.store import Store, Tx
from tests.conftest import NOW, REPOSITORY

DATA = REPOSITORY / "mailer" / "demo" / "data"
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text("utf-8"))


def import_all(store: Store, contacts: str = "contacts.csv", at: datetime = NOW) -> list[ImportReport]:
    files = (
        ("organisations", "collectivites.csv"),
        ("exclusions", "desinscrits.csv"),
        ("contacts", contacts),
    )
    reports = []
    for kind, name in files:
        with store.write() as tx:
            reports.append(IMPORTS[kind](tx, read_table(DATA / name), at=at, by="test"))
    return reports


def newsletter(tx: Tx) -> Audience:
    return resolve(
        tx, Segment("abonnes", "Abonnés", Path("audiences/abonnes.toml")), topic="newsletter", day=NOW.date()
    )


def flash(tx: Tx) -> Audience:
    segment = Segment("adherents", "Adhérents", Path("audiences/adherents.toml"), members_only=True)
    return resolve(tx, segment, topic="flash", day=NOW.date())


@pytest.mark.parametrize("contacts", ["contacts.csv", "contacts-windows.csv"])
def test_the_files_give_the_expected_people(store: Store, contacts: str) -> None:
    organisations, exclusions, people = import_all(store, contacts)
    assert organisations.new == EXPECTED["organisations"]
    assert exclusions.new == EXPECTED["suppressed"]
    assert (people.new, people.duplicates) == (EXPECTED["contacts"], EXPECTED["duplicates"])
    assert len(people.rejected) == EXPECTED["invalid"]
    with store.read() as tx:
        assert newsletter(tx).count == EXPECTED["newsletter"]
        assert flash(tx).count == EXPECTED["flash"]


def test_those_who_ask_for_the_flash_without_membership_are_named_and_left_out(store: Store) -> None:
    import_all(store)
    with store.read() as tx:
        found = flash(tx)
    assert found.excluded["not_member"] == EXPECTED["flash_asked_but_not_member"]
    assert found.considered == found.count + sum(found.excluded.values())


def test_consents_are_the_expected_ones(store: Store) -> None:
    import_all(store)
    contact = table(Contact)
    with store.read() as tx:
        tracking = {row.id: row.tracking for row in tx.execute(select(contact.c.id, contact.c.tracking))}
        granted = sum(tracking[each] == "granted" for each in flash(tx).contact_ids)
        denied = sum(tracking[each] == "denied" for each in newsletter(tx).contact_ids)
    assert (granted, denied) == (EXPECTED["flash_granted"], EXPECTED["newsletter_denied"])


def test_183_organisations_are_members_today(store: Store) -> None:
    import_all(store)
    membership = table(Membership)
    with store.read() as tx:
        assert (
            tx.execute(select(func.count()).select_from(table(Organisation))).scalar_one()
            == EXPECTED["organisations"]
        )
        open_ones = select(func.count()).where(membership.c.until_on.is_(None))
        assert tx.execute(open_ones).scalar_one() == EXPECTED["members_today"]


def test_the_same_import_again_changes_nothing(store: Store) -> None:
    import_all(store)
    for report in import_all(store):
        assert (report.new, report.changed) == (0, 0)
    with store.read() as tx:
        assert newsletter(tx).count == EXPECTED["newsletter"]


def test_hostile_first_names_arrive_as_they_are(store: Store) -> None:
    import_all(store)
    contact = table(Contact)
    with store.read() as tx:
        names = set(tx.execute(select(contact.c.first_name)).scalars())
    assert {
        "{{ 7*7 }}",
        "<script>alert(1)</script>",
        '=HYPERLINK("http://mal.example";"clic")',
        "{% raw %}",
    } <= names


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store) -> None:
    with store.write() as tx:
        report = IMPORTS["contacts"](tx, read_table(DATA / "contacts.csv"), at=NOW, by="test", dry_run=True)
        assert tx.execute(select(func.count()).select_from(table(Contact))).scalar_one() == 0
    assert (report.new, report.duplicates) == (EXPECTED["contacts"], EXPECTED["duplicates"])
