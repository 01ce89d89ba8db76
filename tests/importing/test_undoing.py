"""Undoing an import: everything as it was, or a refusal with its reason."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.errors import RefusedError
from mailer.importing import IMPORTS, UNDOABLE_FOR, find_undoable, read_table, undo_import
from mailer.model.columns import table
from mailer.model.people import (
    EVERYTHING,
    Consent,
    Contact,
    ExclusionReason,
    ImportRun,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
    TrackingConsent,
)
from mailer.store import Store, consents, contacts, exclusions, journal, merging, subscriptions
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.importing.files import told, written
from tests.tracking.ledger import Ledger

HEADINGS = "Courriel;Prénom;Fonction;Newsletter;Flash;Mesure d'ouverture;Source\n"
BEFORE = HEADINGS + "a@ville.example;Anne;;oui;;;Salon\nb@ville.example;Bé;presse;;;oui;\n"
#: One changed, one who joins and withdraws, one new.
FILE = HEADINGS + (
    "a@ville.example;Annie;élue;oui;oui;oui;Congrès\nb@ville.example;;;oui;;non;\nc@ville.example;Cléo;;oui;;oui;\n"
)
HOUR = timedelta(hours=1)
STATE = (Contact, Subscription)


def run(store: Store, folder: Path, text: str, *, at: datetime = NOW, name: str = "file.csv") -> int:
    with store.write() as tx:
        IMPORTS["contacts"](tx, read_table(written(folder, text, name=name)), at=at, by="claude")
        return int(
            tx.execute(select(table(ImportRun).c.id).order_by(table(ImportRun).c.id.desc())).scalars().first()
        )  # type: ignore[arg-type]


def undo(store: Store, run_id: int, *, at: datetime = NOW + 3 * HOUR) -> None:
    with store.write() as tx:
        undo_import(tx, run_id, at=at)


def rows(store: Store, *models: type) -> list[list[dict[str, object]]]:
    with store.read() as tx:
        return [
            [dict(row._mapping) for row in tx.execute(select(table(each)).order_by(table(each).c.id))]
            for each in models
        ]


def contact_id(store: Store, address: str) -> int:
    with store.read() as tx:
        found = select(table(Contact).c.id).where(table(Contact).c.address == address)
        return int(tx.execute(found).scalar_one())


def test_everything_is_as_it_was_before(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, BEFORE)
    before = rows(store, *STATE)
    second = run(store, tmp_path, FILE, at=NOW + HOUR)
    assert rows(store, *STATE) != before
    undo(store, second)
    assert rows(store, *STATE) == before
    undo(store, first)
    assert rows(store, *STATE, SubscriptionChange, Consent) == [[], [], [], []]


def test_the_logs_of_those_who_stay_say_that_it_was_undone(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, BEFORE)
    undo(store, run(store, tmp_path, FILE, at=NOW + HOUR))
    changes, answers = told(store, subscriptions.log()), told(store, consents.log())
    undone = [
        (each["topic"], each["source"]) for each in changes if each["state"] == SubscriptionState.UNDONE
    ]
    assert sorted(undone) == [("flash", "undone: import file.csv"), ("newsletter", "undone: import file.csv")]
    assert [each["state"] for each in answers] == ["granted", "granted", "denied", "unknown", "granted"]


def test_a_dry_run_notes_nothing(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        IMPORTS["contacts"](tx, read_table(written(tmp_path, FILE)), at=NOW, by="claude", dry_run=True)
        assert not find_undoable(tx, at=NOW)


def test_an_exclusion_made_since_stays(store: Store, tmp_path: Path) -> None:
    second = run(store, tmp_path, FILE)
    with store.write() as tx:
        exclusions.add(
            tx, address="c@ville.example", scope=EVERYTHING, reason="hard_bounce", at=NOW, source="x"
        )
    undo(store, second)
    with store.read() as tx:
        assert ("c@ville.example", EVERYTHING, ExclusionReason.HARD_BOUNCE.value) in exclusions.known(tx)


def _confirm(store: Store) -> None:
    """Whom the import has subscribed signs up as well."""
    with store.write() as tx:
        assert subscriptions.set_state(
            tx,
            contact_id=contact_id(store, "b@ville.example"),
            topic="newsletter",
            state=SubscriptionState.SUBSCRIBED,
            again=True,
            at=NOW + 2 * HOUR,
            source="form",
            evidence="seen",
        )


def _leave(store: Store) -> None:
    with store.write() as tx:
        subscriptions.set_state(
            tx,
            contact_id=contact_id(store, "b@ville.example"),
            topic="newsletter",
            state=SubscriptionState.UNSUBSCRIBED,
            at=NOW + 2 * HOUR,
            source="one click",
        )


def _answer(store: Store) -> None:
    with store.write() as tx:
        person = contact_id(store, "c@ville.example")
        consents.record(
            tx, person, state=TrackingConsent.DENIED, at=NOW + 2 * HOUR, source="page", wording=""
        )


def _join(store: Store) -> None:
    with store.write() as tx:
        subscriptions.set_state(
            tx,
            contact_id=contact_id(store, "c@ville.example"),
            topic="flash",
            state=SubscriptionState.SUBSCRIBED,
            at=NOW + 2 * HOUR,
            source="preference page",
        )


@pytest.mark.parametrize("later", [_confirm, _leave, _answer, _join])
def test_a_decision_of_a_person_since_stands_on_top(store: Store, tmp_path: Path, later) -> None:  # type: ignore[no-untyped-def]
    run(store, tmp_path, BEFORE)
    second = run(store, tmp_path, FILE, at=NOW + HOUR)
    later(store)
    before = rows(store, *STATE, SubscriptionChange, Consent)
    with pytest.raises(RefusedError, match="1 of these people"):
        undo(store, second)
    assert rows(store, *STATE, SubscriptionChange, Consent) == before


@pytest.mark.parametrize("joins", ["c@ville.example", "b@ville.example"])
def test_a_merge_stands_on_top(store: Store, tmp_path: Path, joins: str) -> None:
    """Whom the file brought, or subscribed, is a part of somebody else since."""
    run(store, tmp_path, HEADINGS + "old@ville.example;;;;;;\n" + BEFORE.removeprefix(HEADINGS))
    second = run(store, tmp_path, FILE, at=NOW + HOUR)
    with store.write() as tx:
        found = merging.lock(tx, ("old@ville.example", joins))
        merging.merge(tx, found["old@ville.example"], found[joins], at=NOW + 2 * HOUR, by="claude")
    with pytest.raises(RefusedError, match="1 of these people"):
        undo(store, second)


def test_another_import_stands_on_top(store: Store, tmp_path: Path) -> None:
    first = run(store, tmp_path, BEFORE)
    second = run(store, tmp_path, FILE, at=NOW + HOUR)
    with pytest.raises(RefusedError, match="came after"):
        undo(store, first)
    undo(store, second)
    with pytest.raises(RefusedError, match="already"):
        undo(store, second)


def test_whoever_was_written_to_stays(store: Store, signer: Signer, tmp_path: Path) -> None:
    second = run(store, tmp_path, FILE)
    _deliver(store, signer, contact_id(store, "c@ville.example"))
    with pytest.raises(RefusedError, match="A letter left for 1"):
        undo(store, second)


def test_after_seven_days_it_is_too_late_and_forgotten(store: Store, tmp_path: Path) -> None:
    only = run(store, tmp_path, FILE)
    late = NOW + UNDOABLE_FOR + HOUR
    with store.write() as tx:
        assert find_undoable(tx, at=late - 2 * HOUR) == {only}
        assert not find_undoable(tx, at=late)
        with pytest.raises(RefusedError, match="seven days"):
            undo_import(tx, only, at=late)
        journal.forget(tx, before=late - UNDOABLE_FOR)
        assert not journal.is_kept(tx, only)


def test_whoever_came_beside_an_import_stays(store: Store, tmp_path: Path) -> None:
    """On PostgreSQL others arrive while it writes, and are given numbers between those of its people."""
    only = run(store, tmp_path, FILE)
    with store.write() as tx:
        last = table(ImportRun).c.last_contact_id
        tx.execute(table(ImportRun).update().values(last_contact_id=last + 1))
        contacts.find_or_create(
            tx, "z@ville.example", language="fr", source="form", organisation="", on=NOW.date(), at=NOW + HOUR
        )
    undo(store, only)
    (people,) = rows(store, Contact)
    assert [each["address"] for each in people] == ["z@ville.example"]


def _deliver(store: Store, signer: Signer, person: int) -> None:
    ledger = Ledger(store, signer, NOW)
    ledger.deliver(ledger.send(), person)
