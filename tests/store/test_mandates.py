"""A known end is of one function: it passes nothing of another that its holder has had since."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from mailer.model.columns import table
from mailer.model.people import Organisation
from mailer.store import (
    Store,
    Tx,
    by_hand,
    contacts,
    directory,
    imports,
    journal,
    mandates,
    merging,
    staging,
)
from tests.conftest import NOW

ANNE, BO = "anne@ville.example", "bo@ville.example"
LATER = NOW + timedelta(hours=1)
TOWN, AGGLO = 1, 2


def line(organisation_id: int | None, job: str) -> staging.Row:
    return (2, ANNE, "", "", job, "", "unknown", organisation_id, None, 0)


def imported(tx: Tx, organisation_id: int | None, job: str, *, at: int = 1) -> int:
    when = NOW + timedelta(hours=at)
    run = imports.begin(tx, kind="contacts", file_name="list.csv", at=when, by="anne")
    staging.merge(tx, [line(organisation_id, job)], topics=(), at=when, source="import list.csv", run_id=run)
    return run


def person(tx: Tx, address: str) -> int:
    day = NOW.date()
    return contacts.find_or_create(tx, address, language="fr", source="test", organisation="", on=day, at=NOW)


@pytest.fixture
def anne(store: Store) -> int:
    """The mayor of a town, until a day that is known."""
    with store.write() as tx:
        for number in (TOWN, AGGLO):
            own = {"id": number, "name": f"Organisme {number}", "kind": "ville"}
            tx.execute(table(Organisation).insert().values(**own, created_at=NOW, updated_at=NOW))
        anne = person(tx, ANNE)
        by_hand.update(tx, anne, at=NOW, organisation_id=TOWN, job="maire")
        mandates.note(tx, anne, organisation_id=TOWN, job="maire", until_on=date(2026, 6, 30), by="claude")
    return anne


def is_open(store: Store, anne: int) -> bool:
    with store.read() as tx:
        return mandates.open_of(tx, anne) is not None


CHANGES: dict[str, Callable[[Tx, int], object]] = {
    "organisation by hand": lambda tx, anne: by_hand.update(tx, anne, at=LATER, organisation_id=AGGLO),
    "function by hand": lambda tx, anne: by_hand.update(tx, anne, at=LATER, job="adjointe"),
    "organisation by the API": lambda tx, anne: directory.change_contact(
        tx, anne, {"organisation_id": None}, at=LATER
    ),
    "organisation by an import": lambda tx, _anne: imported(tx, AGGLO, "maire"),
    "function by an import": lambda tx, _anne: imported(tx, TOWN, "adjointe"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whoever_has_another_function_now_has_no_known_end(
    store: Store, anne: int, change: Callable[[Tx, int], object]
) -> None:
    with store.write() as tx:
        change(tx, anne)
    assert not is_open(store, anne)


def test_a_name_or_the_same_line_again_leaves_the_known_end(store: Store, anne: int) -> None:
    with store.write() as tx:
        by_hand.update(tx, anne, at=LATER, first_name="Anne")
        imported(tx, TOWN, "maire")
        imported(tx, None, "", at=2)
    assert is_open(store, anne)


def test_an_end_that_was_noted_of_what_an_import_brought_gives_way_to_the_former_one(
    store: Store, anne: int
) -> None:
    with store.write() as tx:
        run = imported(tx, AGGLO, "directrice")
        mandates.note(
            tx, anne, organisation_id=AGGLO, job="directrice", until_on=date(2026, 7, 1), by="claude"
        )
        journal.take_back(tx, run, at=LATER, source="undo")
        again = mandates.open_of(tx, anne)
    assert again is not None
    assert (again.organisation_id, again.job, again.by) == (TOWN, "maire", "claude")


def test_the_end_of_one_who_is_merged_into_another_function_goes(store: Store, anne: int) -> None:
    with store.write() as tx:
        bo = person(tx, BO)
        by_hand.update(tx, bo, at=NOW, organisation_id=AGGLO, job="directrice")
        rows = merging.lock(tx, (ANNE, BO))
        merging.merge(tx, rows[BO], rows[ANNE], at=LATER, by="claude")
    assert not is_open(store, bo)


def test_the_end_of_one_who_is_merged_and_brings_the_function_stays(store: Store, anne: int) -> None:
    with store.write() as tx:
        bo = person(tx, BO)
        rows = merging.lock(tx, (ANNE, BO))
        merging.merge(tx, rows[BO], rows[ANNE], at=LATER, by="claude")
    assert is_open(store, bo)


def test_a_function_that_has_ended_is_known_until_they_come_back(store: Store, anne: int) -> None:
    with store.write() as tx:
        assert mandates.ended(tx) == {}
        held = mandates.open_of(tx, anne)
        assert held is not None
        mandates.conclude(tx, held.id, successor_id=None, at=LATER, by="claude")
        by_hand.update(tx, anne, at=LATER, organisation_id=None, job="")
        assert mandates.ended(tx) == {ANNE: {TOWN}}
        by_hand.update(tx, anne, at=LATER, organisation_id=AGGLO)
        assert mandates.ended(tx) == {ANNE: {TOWN}}
        by_hand.update(tx, anne, at=LATER, organisation_id=TOWN)
        assert mandates.ended(tx) == {}
