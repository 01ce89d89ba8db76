"""Undoing an import of contacts: the known ends of functions, and what is known of openings."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import Contact, Mandate, Organisation, TrackingConsent
from mailer.store import Store, last_opens, mandates
from tests.conftest import NOW
from tests.importing.files import imported, written
from tests.importing.test_undoing import contact_id, rows, run, undo

HOUR = timedelta(hours=1)
ANNE = "anne@ville.example"
MAYOR = f"Courriel;Fonction;SIREN\n{ANNE};maire;211300561\n"
TOWNS = "siren;nom\n211300561;Martigues\n219300662;Saint-Denis\n"


@pytest.fixture
def towns(store: Store, tmp_path: Path) -> None:
    imported(store, "organisations", written(tmp_path, TOWNS))


def note_end(store: Store) -> None:
    with store.write() as tx:
        town = tx.execute(select(table(Organisation).c.id).order_by(table(Organisation).c.id)).scalars()
        held = {"organisation_id": next(iter(town)), "job": "maire"}
        mandates.note(tx, contact_id(store, ANNE), **held, until_on=date(2026, 12, 31), by="claude")


def functions(store: Store) -> list[dict[str, object]]:
    return [{name: value for name, value in each.items() if name != "id"} for each in rows(store, Mandate)[0]]


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize("line", [f"{ANNE};adjointe;", f"{ANNE};;219300662"])
def test_the_known_end_of_a_function_comes_back_with_it(store: Store, tmp_path: Path, line: str) -> None:
    run(store, tmp_path, MAYOR)
    note_end(store)
    before = rows(store, Contact), functions(store)
    second = run(store, tmp_path, f"Courriel;Fonction;SIREN\n{line}\n", at=NOW + HOUR)
    assert functions(store) == []
    undo(store, second)
    assert (rows(store, Contact), functions(store)) == before


@pytest.mark.usefixtures("towns")
def test_an_end_that_the_import_left_alone_stays_as_somebody_left_it(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, MAYOR)
    note_end(store)
    second = run(store, tmp_path, f"Courriel;Prénom\n{ANNE};Anne\n", at=NOW + HOUR)
    with store.write() as tx:
        mandates.withdraw(tx, contact_id(store, ANNE))
    undo(store, second)
    assert functions(store) == []


def test_the_day_of_a_last_opening_outlives_no_no_not_even_an_undone_one(
    store: Store, tmp_path: Path
) -> None:
    run(store, tmp_path, f"Courriel;Mesure d'ouverture\n{ANNE};oui\n")
    anne = contact_id(store, ANNE)
    with store.write() as tx:
        last_opens.keep(tx, {anne: date(2026, 6, 1)})
    second = run(store, tmp_path, f"Courriel;Mesure d'ouverture\n{ANNE};non\n", at=NOW + HOUR)
    undo(store, second)
    assert rows(store, Contact)[0][0]["tracking"] == TrackingConsent.GRANTED
    with store.read() as tx:
        assert last_opens.find(tx, anne) is None
