"""On PostgreSQL others write while an import does: what they said in between stands, and is not logged as the import's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from mailer.importing import import_contacts, read_table
from mailer.model.columns import table
from mailer.model.people import (
    Consent,
    Contact,
    ImportedContact,
    ImportedSubscription,
    ImportRun,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store import Store, Tx, journal, merging, moves, persons
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.importing.files import written
from tests.importing.test_contacts import contacts, stored

ADDRESS, OTHER = "a@ville.example", "b@ville.example"


def before(store: Store, statement: str, act: Callable[[Tx], None]) -> None:
    """Let somebody else act, once, in the moment before such a statement."""
    waiting = [act]

    @event.listens_for(store.engine, "before_cursor_execute")
    def _act(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if waiting and text.startswith(statement):
            now = waiting.pop()
            with store.write() as tx:
                now(tx)


def arrive(tx: Tx) -> None:
    values = {
        "id": 70,
        "address": ADDRESS,
        "attributes": {},
        "created_at": NOW.replace(year=2025),
        "updated_at": NOW,
    }
    tx.execute(table(Contact).insert().values(**values))
    leave(tx)


def leave(tx: Tx) -> None:
    (contact_id,) = tx.execute(table(Contact).select().with_only_columns(table(Contact).c.id)).one()
    values = {"contact_id": contact_id, "topic": "newsletter", "at": NOW.replace(year=2025)}
    tx.execute(table(Subscription).insert().values(**values, state=SubscriptionState.UNSUBSCRIBED.value))


@pytest.mark.parametrize("is_known", [False, True])
def test_who_unsubscribed_meanwhile_stays_unsubscribed(
    postgresql_store: Store, tmp_path: Path, is_known: bool
) -> None:
    store = postgresql_store
    if is_known:
        contacts(store, tmp_path, f"{ADDRESS};;;;non;;;;")
        before(store, "INSERT INTO subscription (", leave)
    else:
        before(store, "INSERT INTO contact (address", arrive)
    contacts(store, tmp_path, f"{ADDRESS};;;;oui;;;;")
    assert [row["state"] for row in stored(store, Subscription)] == ["unsubscribed"]
    assert stored(store, SubscriptionChange) == []
    with store.read() as tx:
        assert tx.execute(table(ImportedSubscription).select()).all() == []
        assert tx.execute(table(ImportedContact).select()).all() == []
        made = [row.first_contact_id is not None for row in tx.execute(table(ImportRun).select()).all()]
    assert made == ([True, False] if is_known else [False])


def test_a_refusal_in_the_file_holds_for_who_arrived_meanwhile(
    postgresql_store: Store, tmp_path: Path
) -> None:
    """The import that comes second lets the first one's words stand, but adds what was not said."""
    store = postgresql_store
    before(store, "INSERT INTO contact (address", arrive)
    contacts(store, tmp_path, f"{ADDRESS};Anne;;;non;;non;;")
    (person,) = stored(store, Contact)
    assert (person["tracking"], person["first_name"]) == ("denied", "Anne")
    assert [row["state"] for row in stored(store, Consent)] == ["denied"]
    with store.read() as tx:
        (noted,) = tx.execute(table(ImportedContact).select()).all()
        (run,) = tx.execute(table(ImportRun).select()).all()
    assert (noted.contact_id, noted.first_name, run.first_contact_id) == (70, "", None)


def test_only_whom_nobody_brought_meanwhile_goes_when_it_is_undone(
    postgresql_store: Store, tmp_path: Path
) -> None:
    store = postgresql_store
    before(store, "INSERT INTO contact (address", arrive)
    contacts(store, tmp_path, f"{ADDRESS};Anne;;;oui;;;;\nb@ville.example;Bé;;;oui;;oui;;")
    names = {row["address"]: row["first_name"] for row in stored(store, Contact)}
    assert names == {ADDRESS: "Anne", "b@ville.example": "Bé"}
    with store.write() as tx:
        (run,) = tx.execute(table(ImportRun).select()).all()
        assert journal.changed_since(tx, run.id, at=NOW) == 0
        journal.take_back(tx, run.id, at=NOW, source="undo")
    (person,) = stored(store, Contact)
    assert (person["id"], person["first_name"]) == (70, "")
    assert [row["state"] for row in stored(store, Subscription)] == ["unsubscribed"]


@pytest.mark.parametrize("is_merged", [False, True])
def test_who_is_erased_or_merged_meanwhile_is_left_alone(
    postgresql_store: Store, signer: Signer, tmp_path: Path, is_merged: bool
) -> None:
    store, other = postgresql_store, OTHER
    contacts(store, tmp_path, f"{ADDRESS};;;;non;;;;\n{other};;;;non;;;;")

    def go(tx: Tx) -> None:
        if is_merged:
            rows = merging.lock(tx, (other, ADDRESS))
            merging.merge(tx, rows[other], rows[ADDRESS], at=NOW, by="claude")
        else:
            persons.erase(tx, ADDRESS, digest=signer.erased, at=NOW, source="page")

    before(store, "SELECT count(*) AS count_1 \nFROM (SELECT contact.id", go)
    report = contacts(store, tmp_path, f"{ADDRESS};Anne;;;oui;;oui;;\n{other};Bé;;;oui;;;;")
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    assert [(row["address"], row["first_name"]) for row in stored(store, Contact)] == [(other, "Bé")]
    assert len(stored(store, Subscription)) == 1


def erase(tx: Tx, signer: Signer) -> None:
    persons.erase(tx, ADDRESS, digest=signer.erased, at=NOW, source="page")


def move(tx: Tx, _signer: Signer) -> None:
    found = tx.execute(select(table(Contact).c.id).where(table(Contact).c.address == ADDRESS)).scalar_one()
    moves.change(tx, found, old=ADDRESS, new="new@ville.example", at=NOW, by="claude")


def merge(tx: Tx, _signer: Signer) -> None:
    rows = merging.lock(tx, (OTHER, ADDRESS))
    merging.merge(tx, rows[OTHER], rows[ADDRESS], at=NOW, by="claude")


@pytest.mark.parametrize("act", [erase, move, merge])
def test_the_address_of_who_went_while_lines_were_read_makes_nobody_new(
    postgresql_store: Store, signer: Signer, tmp_path: Path, act: Callable[[Tx, Signer], None]
) -> None:
    store = postgresql_store
    contacts(store, tmp_path, f"{ADDRESS};;;;non;;;;\n{OTHER};;;;non;;;;")
    before(store, "UPDATE contact_stage SET contact_id", lambda tx: act(tx, signer))
    text = f"Courriel;Newsletter\n{ADDRESS};oui\nc@ville.example;oui\n"
    with store.write() as tx:
        report = import_contacts(tx, read_table(written(tmp_path, text)), at=NOW, by="claude", signer=signer)
    assert (report.new, report.changed, report.unchanged) == (1, 0, 1)
    assert ADDRESS not in {row["address"] for row in stored(store, Contact)}
    assert len(stored(store, Subscription)) == 1
