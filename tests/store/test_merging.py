"""A changed address is a move, and two contacts of one person become one: nobody is written to twice or forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Send
from mailer.model.people import EVERYTHING, Contact, SubscriptionState, TrackingConsent
from mailer.store import Store, consents, contacts, directory, exclusions, merging, moves, subscriptions
from mailer.subscribing import unsubscribe
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

LATER = NOW + timedelta(hours=1)
OLD, NEW = "old@ville.example", "new@ville.example"
copies = table(Delivery)


@pytest.fixture
def ledger(store: Store, signer: Signer) -> Ledger:
    return Ledger(store, signer, NOW)


def exclude(store: Store, address: str, reason: str, *, scope: str = EVERYTHING) -> None:
    with store.write() as tx:
        exclusions.add(tx, address=address, scope=scope, reason=reason, at=NOW, source="test")


def known(store: Store) -> set[tuple[str, str, str]]:
    with store.read() as tx:
        return exclusions.known(tx)


def merged(store: Store, kept: str = NEW, gone: str = OLD) -> None:
    with store.write() as tx:
        rows = merging.lock(tx, (kept, gone))
        merging.merge(tx, rows[kept], rows[gone], at=LATER, by="claude")


def rows(store: Store) -> dict[str, tuple[str, str, bool]]:
    """Key of each copy -> its state, its reason, and whether it is somebody's."""
    with store.read() as tx:
        return {
            row.key: (row.state, row.reason, row.contact_id > 0)
            for row in tx.execute(select(copies).order_by(copies.c.id))
        }


def put(store: Store, ledger: Ledger, address: str, contact_id: int, send_id: int, state: str) -> str:
    """A copy of one send in one state."""
    key = ledger.signer.delivery_key(send_id, contact_id)
    values = {
        "send_id": send_id,
        "contact_id": contact_id,
        "address": address,
        "key": key,
        "state": state,
        "merge": {},
    }
    filled = Delivery(**values).model_dump(exclude={"id"})
    with store.write() as tx:
        tx.execute(copies.insert().values(**filled))
    return key


def test_a_move_takes_refusals_along_and_leaves_a_dead_mailbox(store: Store, ledger: Ledger) -> None:
    person = ledger.contact(OLD)
    exclude(store, OLD, "hard_bounce")
    exclude(store, OLD, "unsubscribed", scope="flash")
    with store.write() as tx:
        moves.change(tx, person, old=OLD, new=NEW, at=LATER, by="claude")
        assert moves.former(tx, person) == [OLD]
        assert moves.present_addresses(tx) == {OLD: NEW}
    assert {each for each in known(store) if each[0] == NEW} == {(NEW, "flash", "unsubscribed")}
    assert (OLD, EVERYTHING, "hard_bounce") in known(store)


def test_a_copy_that_is_still_to_leave_goes_to_the_new_address(store: Store, ledger: Ledger) -> None:
    person = ledger.contact(OLD)
    send = ledger.send()
    assert send.id is not None
    put(store, ledger, OLD, person, send.id, "planned")
    with store.write() as tx:
        assert not moves.is_leaving(tx, [person])
        moves.change(tx, person, old=OLD, new=NEW, at=LATER, by="claude")
        assert list(tx.execute(select(copies.c.address)).scalars()) == [NEW]
        tx.execute(copies.update().values(attempts=1))
        assert moves.is_leaving(tx, [person])


@pytest.mark.parametrize(
    ("state", "held"),
    [("sending", True), ("paused", True), ("settling", True), ("done", False), ("cancelled", False)],
)
def test_a_doubt_that_may_still_be_settled_keeps_the_address(
    store: Store, ledger: Ledger, state: str, held: bool
) -> None:
    person, send = ledger.contact(OLD), ledger.send()
    assert send.id is not None
    put(store, ledger, OLD, person, send.id, "in_doubt")
    with store.write() as tx:
        tx.execute(table(Send).update().values(state=state))
        assert moves.is_in_doubt(tx, [person]) is held
        assert not moves.is_leaving(tx, [person])


def test_a_copy_cannot_go_to_an_address_that_its_letter_has_already(store: Store, ledger: Ledger) -> None:
    person, send = ledger.contact(OLD), ledger.send()
    assert send.id is not None
    put(store, ledger, OLD, person, send.id, "planned")
    put(store, ledger, NEW, person + 1, send.id, "accepted")
    with store.write() as tx:
        assert moves.is_crowded(tx, [person], NEW)
        assert not moves.is_crowded(tx, [person], "free@ville.example")
        assert not moves.is_crowded(tx, [person, person + 1], NEW)
        tx.execute(copies.update().where(copies.c.contact_id == person).values(state="accepted"))
        assert not moves.is_crowded(tx, [person], NEW)


def test_whoever_comes_back_to_a_former_address_has_it_as_present(store: Store, ledger: Ledger) -> None:
    person = ledger.contact(OLD)
    with store.write() as tx:
        moves.change(tx, person, old=OLD, new=NEW, at=LATER, by="claude")
        moves.change(tx, person, old=NEW, new=OLD, at=LATER, by="claude")
        assert moves.former(tx, person) == [NEW]


def test_a_former_address_that_somebody_takes_is_theirs_alone(store: Store, ledger: Ledger) -> None:
    first, second = ledger.contact(OLD), ledger.contact("p@ville.example")
    new = {
        "first_name": "",
        "last_name": "",
        "job": "",
        "source": "x",
        "tracking": "unknown",
        "language": "fr",
    }
    with store.write() as tx:
        for person, old in ((first, OLD), (second, "p@ville.example")):
            moves.change(tx, person, old=old, new=f"{person}@new.example", at=LATER, by="claude")
        said = {"language": "fr", "source": "form", "organisation": ""}
        contacts.find_or_create(tx, OLD, **said, on=NOW.date(), at=LATER)
        directory.create_contact(tx, {**new, "address": "p@ville.example", "attributes": {}}, at=LATER)
        assert [moves.former(tx, each) for each in (first, second)] == [[], []]
        exclusions.add(tx, address=OLD, scope=EVERYTHING, reason="complaint", at=LATER, source="provider")
        moves.follow(tx, OLD, scope=EVERYTHING, reason="complaint", at=LATER)
    assert known(store) == {(OLD, EVERYTHING, "complaint")}


def test_what_was_noted_of_an_address_before_somebody_took_it_counts_no_more(
    store: Store, ledger: Ledger
) -> None:
    person = ledger.contact(NEW)
    ledger.contact(OLD)
    with store.write() as tx:
        moves.record(tx, address=OLD, contact_id=person, at=LATER, by="claude")
        assert (moves.person_of(tx, OLD), moves.former(tx, person)) == (None, [])


def test_refusals_of_either_win(store: Store, ledger: Ledger) -> None:
    kept, gone = ledger.contact(NEW, tracking=TrackingConsent.GRANTED), ledger.contact(OLD)
    with store.write() as tx:
        consents.record(tx, gone, state=TrackingConsent.DENIED, at=NOW, source="page", wording="")
    for person in (kept, gone):
        ledger.subscribe(person)
    with store.write() as tx:
        state = SubscriptionState.UNSUBSCRIBED
        subscriptions.set_state(tx, contact_id=gone, topic="flash", state=state, at=NOW, source="x")
    ledger.subscribe(gone, "newsletter")
    exclude(store, OLD, "complaint")
    merged(store)
    with store.read() as tx:
        states = subscriptions.states(tx, kept)
        assert states == {"flash": "unsubscribed", "newsletter": "subscribed"}
        assert consents.present(tx, kept) == "denied"
        assert moves.present_addresses(tx) == {OLD: NEW}
        assert list(tx.execute(select(table(Contact).c.address)).scalars()) == [NEW]
    assert (NEW, EVERYTHING, "complaint") in known(store)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("planned", "planned", [("planned", "", True), ("excluded", "merged", False)]),
        ("planned", "accepted", [("excluded", "merged", False), ("accepted", "", True)]),
        ("planned", "in_doubt", [("excluded", "merged", False), ("in_doubt", "", True)]),
        ("accepted", "planned", [("accepted", "", True), ("excluded", "merged", False)]),
        ("accepted", "accepted", [("accepted", "", True), ("accepted", "", False)]),
    ],
)
def test_in_a_running_send_one_copy_leaves_and_all_are_counted(
    store: Store, ledger: Ledger, own: str, other: str, expected: list[tuple[str, str, bool]]
) -> None:
    kept, gone = ledger.contact(NEW), ledger.contact(OLD)
    send = ledger.send()
    assert send.id is not None
    put(store, ledger, NEW, kept, send.id, own)
    put(store, ledger, OLD, gone, send.id, other)
    merged(store)
    assert list(rows(store).values()) == expected


def test_a_copy_of_the_contact_that_goes_leaves_for_the_one_that_stays(store: Store, ledger: Ledger) -> None:
    kept, gone = ledger.contact(NEW), ledger.contact(OLD)
    send = ledger.send()
    assert send.id is not None
    put(store, ledger, OLD, gone, send.id, "planned")
    merged(store)
    with store.read() as tx:
        (row,) = tx.execute(select(copies)).all()
    assert (row.contact_id, row.address, row.state) == (kept, NEW, DeliveryState.PLANNED.value)


def test_one_click_in_an_old_letter_unsubscribes_the_person_who_stays(store: Store, ledger: Ledger) -> None:
    kept, gone = ledger.contact(NEW), ledger.contact(OLD)
    ledger.subscribe(kept)
    send = ledger.send()
    assert send.id is not None
    put(store, ledger, NEW, kept, send.id, "accepted")
    key = put(store, ledger, OLD, gone, send.id, "accepted")
    merged(store)
    with store.write() as tx:
        row = tx.execute(select(copies).where(copies.c.key == key)).one()
        copy = Delivery.model_construct(**dict(row._mapping))
        unsubscribe(tx, copy, topic="flash", everything=False, at=LATER, source="one click")
        assert subscriptions.states(tx, kept) == {"flash": "unsubscribed"}
    assert (NEW, "flash", "unsubscribed") in known(store)


def test_the_name_of_another_program_stays_with_the_person(store: Store, ledger: Ledger) -> None:
    kept, gone = ledger.contact(NEW), ledger.contact(OLD)
    with store.write() as tx:
        directory.change_contact(tx, gone, {"external_id": "crm-1"}, at=NOW)
    merged(store)
    with store.read() as tx:
        found = directory.find_contact(tx, external_id="crm-1")
    assert found is not None
    assert found["id"] == kept
