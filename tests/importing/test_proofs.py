"""What came with the import that made a contact is proven as any other change is, whatever becomes of the contact."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer import reporting
from mailer.model.columns import table
from mailer.model.people import Contact, SubscriptionState, TrackingConsent
from mailer.store import Store, consents, contacts, imports, merging, persons, retention, subscriptions
from mailer.store.retention import Bounds
from tests.conftest import NOW
from tests.importing.files import imported, told, written

ANNE, BO = "anne@ville.example", "bo@ville.example"
LATER = NOW + timedelta(hours=1)
CAME = [
    ("flash", "subscribed", "import file.csv", "Salon"),
    ("newsletter", "subscribed", "import file.csv", "Salon"),
]
ANSWERED = ("granted", "import file.csv")


@pytest.fixture
def anne(store: Store, tmp_path: Path) -> int:
    """Came with a file that subscribed her to two topics, and said that she accepts the measure."""
    lines = (
        "Courriel;Newsletter;Flash hebdo;Mesure d'ouverture;Source",
        f"{ANNE};oui;oui;oui;Salon",
        f"{BO};;oui;;",
    )
    imported(store, "contacts", written(tmp_path, "\n".join((*lines, ""))))
    return number(store, ANNE)


def number(store: Store, address: str) -> int:
    with store.read() as tx:
        found = contacts.find_id(tx, address)
    assert found is not None
    return found


def changes(store: Store, contact_id: int) -> list[tuple[object, ...]]:
    lines = [each for each in told(store, subscriptions.log()) if each["contact_id"] == contact_id]
    said = [tuple(each[name] for name in ("topic", "state", "source", "evidence")) for each in lines]
    return sorted(said[:2]) + said[2:]


def answers(store: Store, contact_id: int) -> list[tuple[object, object]]:
    lines = [each for each in told(store, consents.log()) if each["contact_id"] == contact_id]
    return [(each["state"], each["source"]) for each in lines]


def test_it_is_in_the_logs_at_the_instant_of_the_import(store: Store, anne: int) -> None:
    assert changes(store, anne) == CAME
    assert answers(store, anne) == [ANSWERED]
    assert {each["at"] for each in told(store, subscriptions.log())} == {NOW}
    assert answers(store, number(store, BO)) == []
    with store.read() as tx:
        assert set(subscriptions.begun_by(tx, anne).values()) == {"import file.csv"}
        assert consents.answered_at(tx, anne) == NOW


def test_it_stays_when_the_person_decides_otherwise(store: Store, anne: int) -> None:
    with store.write() as tx:
        left = SubscriptionState.UNSUBSCRIBED
        subscriptions.set_state(tx, contact_id=anne, topic="flash", state=left, at=LATER, source="page")
        consents.record(tx, anne, state=TrackingConsent.DENIED, at=LATER, source="page", wording="v1")
    assert changes(store, anne) == [*CAME, ("flash", "unsubscribed", "page", "")]
    assert answers(store, anne) == [ANSWERED, ("denied", "page")]
    with store.read() as tx:
        assert consents.answered_at(tx, anne) == LATER


def test_another_origin_that_is_noted_later_changes_no_proof(store: Store, anne: int) -> None:
    with store.write() as tx:
        tx.execute(table(Contact).update().where(table(Contact).c.id == anne).values(source="elsewhere"))
    assert changes(store, anne) == CAME


def test_it_stays_when_a_successor_takes_the_letter_over(store: Store, anne: int) -> None:
    with store.write() as tx:
        subscriptions.pass_on(tx, anne, "flash", at=LATER, source="succession: bo", evidence="maire")
    assert changes(store, anne) == [*CAME, ("flash", "passed", "succession: bo", "maire")]


def test_it_stays_when_two_people_turn_out_to_be_one(store: Store, anne: int) -> None:
    with store.write() as tx:
        rows = merging.lock(tx, (ANNE, BO))
        merging.merge(tx, rows[BO], rows[ANNE], at=LATER, by="claude")
    kept = number(store, BO)
    said = [each for each in changes(store, kept) if each[2] == "import file.csv"]
    assert sorted(said) == sorted([*CAME, ("flash", "subscribed", "import file.csv", "")])
    assert answers(store, kept)[0] == ANSWERED
    with store.read() as tx:
        assert tx.execute(select(table(Contact).c.id)).scalars().all() == [kept]


def test_the_person_is_given_it(store: Store, anne: int) -> None:
    with store.read() as tx:
        found = persons.find(tx, ANNE)
    assert found is not None
    given = [(each["topic"], each["source"], each["at"]) for each in found["subscription_changes"]]
    assert sorted(given) == [("flash", "import file.csv", NOW), ("newsletter", "import file.csv", NOW)]
    assert [(each["state"], each["source"]) for each in found["consents"]] == [ANSWERED]


def test_they_are_arrivals_of_their_month_also_once_they_have_left(store: Store, anne: int) -> None:
    with store.write() as tx:
        left = SubscriptionState.UNSUBSCRIBED
        subscriptions.set_state(tx, contact_id=anne, topic="flash", state=left, at=LATER, source="page")
    with store.read() as tx:
        months = reporting.list_health(tx, "flash", at=LATER, zone="Europe/Paris").months
    assert (months[-1].arrivals, months[-1].departures) == (2, 1)
    assert sum(each.arrivals for each in months) == 2


def test_an_answer_of_the_file_is_an_answer_of_its_day(store: Store, anne: int) -> None:
    since = {}
    for days in (-1, 1):
        with store.read() as tx:
            asked = consents.answered_since(NOW + timedelta(days=days))
            since[days] = tx.execute(select(table(Contact).c.id).where(asked)).scalars().all()
    assert since == {-1: [anne], 1: []}


def test_it_stays_when_the_file_is_forgotten(store: Store, anne: int) -> None:
    after = NOW + timedelta(days=400)
    bounds = Bounds(people=NOW, details=after, asleep=NOW, now=after, today=after.date())
    with store.write() as tx:
        assert (retention.old_imports(tx, bounds), retention.forget_imports(tx, bounds, str)) == (1, 1)
        assert (retention.old_imports(tx, bounds), imports.history(tx, limit=5)) == (0, [])
        assert consents.answered_at(tx, anne) == NOW
        assert subscriptions.begun_by(tx, anne) == dict.fromkeys(("flash", "newsletter"), "import ")
    assert changes(store, anne) == [(*each[:2], "import ", "Salon") for each in CAME]
    assert answers(store, anne) == [("granted", "import ")]
