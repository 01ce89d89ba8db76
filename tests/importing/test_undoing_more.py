"""Undoing imports of exclusions and organisations: what somebody has asked for or changed since stays."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.errors import RefusedError
from mailer.importing import IMPORTS, read_table, undo_import
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import EVERYTHING, Contact, Exclusion, ImportRun, Membership, Organisation
from mailer.store import Store, exclusions
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.importing.files import written
from tests.importing.test_undoing import rows
from tests.tracking.ledger import Ledger

HOUR = timedelta(hours=1)
BODIES = "siren;nom;type;adhesion_depuis;adhesion_jusque\n"
BEFORE = BODIES + "211300561;Martigues;ville;2014-01-01;\n"
#: One renamed whose membership ends and begins again, one new.
FILE = BODIES + (
    "211300561;Ville de Martigues;ville;2014-01-01;2025-12-31\n211300561;;;2026-02-01;\n"
    "219733029;Cayenne;ville;2005-01-01;\n"
).replace(";;;2026", ";Ville de Martigues;ville;2026")
BODY_TABLES = (Organisation, Membership)


def run(store: Store, folder: Path, kind: str, text: str, *, at: datetime = NOW) -> int:
    with store.write() as tx:
        IMPORTS[kind](tx, read_table(written(folder, text)), at=at, by="claude")
        runs = table(ImportRun)
        return int(tx.execute(select(runs.c.id).order_by(runs.c.id.desc()).limit(1)).scalar_one())


def undo(store: Store, run_id: int) -> int:
    with store.write() as tx:
        return undo_import(tx, run_id, at=NOW + 5 * HOUR)


def excluded(store: Store) -> set[tuple[str, str, str]]:
    with store.read() as tx:
        return exclusions.known(tx)


def test_exclusions_that_a_file_alone_asked_for_are_taken_back(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, "exclusions", "Courriel;Motif\na@ville.example;plainte\n")
    before = rows(store, Exclusion)
    second = run(
        store, tmp_path, "exclusions", "Courriel;Motif\nb@ville.example;\nc@ville.example;désinscription\n"
    )
    assert undo(store, second) == 0
    assert rows(store, Exclusion) == before
    with pytest.raises(RefusedError, match="already"):
        undo(store, second)


@pytest.mark.parametrize("again", ["person", "file"])
def test_an_exclusion_that_somebody_asks_for_as_well_stays(store: Store, tmp_path: Path, again: str) -> None:
    text = "Courriel;Motif\na@ville.example;désinscription\nb@ville.example;\n"
    first = run(store, tmp_path, "exclusions", text)
    key = ("a@ville.example", EVERYTHING, "unsubscribed")
    if again == "file":
        run(store, tmp_path, "exclusions", "Courriel;Motif\na@ville.example;désinscription\n", at=NOW + HOUR)
    else:
        with store.write() as tx:
            address, scope, reason = key
            exclusions.add(tx, address=address, scope=scope, reason=reason, at=NOW + HOUR, source="one click")
    assert undo(store, first) == 1
    assert excluded(store) == {key}


def test_one_that_was_lifted_and_asked_for_again_stays(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, "exclusions", "Courriel;Motif\na@ville.example;désinscription\n")
    key = {"address": "a@ville.example", "scope": EVERYTHING, "reason": "unsubscribed"}
    with store.write() as tx:
        exclusions.lift_own(tx, address="a@ville.example", topic="flash", known=["flash"], at=NOW + HOUR)
        exclusions.add(tx, **key, at=NOW + 2 * HOUR, source="one click")
    with pytest.raises(RefusedError, match="changed nothing"):
        undo(store, first)
    assert excluded(store) == {("a@ville.example", EVERYTHING, "unsubscribed")}


def test_organisations_and_memberships_are_as_they_were(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, "organisations", BEFORE)
    before = rows(store, *BODY_TABLES)
    second = run(store, tmp_path, "organisations", FILE, at=NOW + HOUR)
    assert [len(each) for each in rows(store, *BODY_TABLES)] == [2, 3]
    with pytest.raises(RefusedError, match="came after"):
        undo(store, first)
    assert undo(store, second) == 0
    assert rows(store, *BODY_TABLES) == before
    assert undo(store, first) == 0
    assert rows(store, *BODY_TABLES) == [[], []]


def test_an_organisation_that_was_changed_since_stays_whole(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, "organisations", BEFORE)
    second = run(store, tmp_path, "organisations", FILE, at=NOW + HOUR)
    bodies = table(Organisation)
    with store.write() as tx:
        mine = bodies.update().where(bodies.c.siren == "211300561")
        tx.execute(mine.values(region="Sud", updated_at=NOW + 2 * HOUR))
    assert undo(store, second) == 1
    organisations, memberships = rows(store, *BODY_TABLES)
    assert [(each["name"], each["region"]) for each in organisations] == [("Ville de Martigues", "Sud")]
    assert [str(each["until_on"]) for each in memberships] == ["2025-12-31", "None"]


def test_a_new_organisation_with_people_stays(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, "organisations", BEFORE)
    run(store, tmp_path, "contacts", "Courriel;SIREN\na@ville.example;211300561\n", at=NOW + HOUR)
    assert undo(store, first) == 1
    assert [len(each) for each in rows(store, *BODY_TABLES, Contact)] == [1, 1, 1]


def test_a_membership_by_which_a_letter_left_stays(store: Store, signer: Signer, tmp_path: Path) -> None:
    run(store, tmp_path, "organisations", BODIES + "211300561;Martigues;ville;;\n")
    second = run(store, tmp_path, "organisations", BEFORE, at=NOW + HOUR)
    ((membership,),) = rows(store, Membership)
    ledger = Ledger(store, signer, NOW)
    delivery = ledger.deliver(ledger.send(), 7)
    with store.write() as tx:
        copies = table(Delivery)
        tx.execute(copies.update().where(copies.c.id == delivery.id).values(membership_id=membership["id"]))
    assert undo(store, second) == 1
    assert [len(each) for each in rows(store, Membership)] == [1]


def test_a_new_organisation_to_which_people_may_come_back_stays(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, "organisations", BODIES + "211300561;Martigues;;;\n219733029;Cayenne;;;\n")
    run(store, tmp_path, "contacts", "Courriel;SIREN\na@ville.example;211300561\n", at=NOW + HOUR)
    before = rows(store, Contact)
    moved = "Courriel;SIREN\na@ville.example;219733029\n"
    second = run(store, tmp_path, "contacts", moved, at=NOW + 2 * HOUR)
    assert undo(store, first) == 2
    assert undo(store, second) == 0
    assert rows(store, Contact) == before
