"""Records for other programs, what waits to be told, and what is old: the same on both databases."""

from datetime import date, timedelta

import pytest

from mailer.errors import ConflictError
from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendState
from mailer.model.outgoing import Endpoint, Happening
from mailer.store import Store, directory, exclusions, outbox, retention
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"
VALUES = {
    "address": ALIX,
    "first_name": "Alix",
    "last_name": "",
    "job": "",
    "source": "x",
    "tracking": "unknown",
}
NEW = {**VALUES, "language": "fr", "attributes": {}}
LATER = NOW + timedelta(days=1500)
BOUNDS = retention.Bounds(
    people=NOW + timedelta(days=400),
    details=NOW + timedelta(days=1100),
    asleep=LATER,
    now=LATER,
    today=LATER.date(),
)


def test_a_contact_is_made_found_and_changed(store: Store) -> None:
    with store.write() as tx:
        number = directory.create_contact(tx, NEW, at=NOW)
        directory.change_contact(tx, number, {"external_id": "a"}, at=NOW)
        exclusions.add(tx, address=ALIX, scope="*", reason="by_hand", at=NOW, source="x")
        found = directory.find_contact(tx, to_write=True, external_id="a")
    assert found is not None
    assert (found["id"], [each["reason"] for each in found["exclusions"]]) == (number, ["by_hand"])
    with store.read() as tx:
        assert [each["id"] for each in directory.people_of(tx, None)] == [number]
        assert directory.contacts_after(tx, number, limit=9) == []
        assert directory.contacts_after(tx, 0, limit=9, since=NOW + timedelta(days=1)) == []


def test_a_name_that_another_has_is_a_conflict_and_nothing_is_written(store: Store) -> None:
    with store.write() as tx:
        directory.create_contact(tx, {**NEW, "external_id": "a"}, at=NOW)
        other = directory.create_contact(tx, {**NEW, "address": "bo@ville.example"}, at=NOW)
    with pytest.raises(ConflictError), store.write() as tx:
        directory.change_contact(tx, other, {"external_id": "a"}, at=NOW)
    with pytest.raises(ConflictError), store.write() as tx:
        directory.create_contact(tx, NEW, at=NOW)


def test_a_period_that_begins_on_the_same_day_keeps_its_number(store: Store) -> None:
    begun, ended = {"from_on": date(2020, 1, 1), "until_on": None}, date(2025, 1, 1)
    with store.write() as tx:
        number = directory.create_organisation(tx, {"name": "Ville", "kind": "ville"}, at=NOW)
        directory.set_memberships(
            tx, number, [begun, {"from_on": date(2010, 1, 1), "until_on": date(2011, 1, 1)}]
        )
        before = tx.execute(
            directory.membership.select().where(directory.membership.c.from_on == date(2020, 1, 1))
        ).one()
        directory.set_memberships(tx, number, [{**begun, "until_on": ended}])
        after = tx.execute(directory.membership.select()).one()
    assert (after.id, after.until_on) == (before.id, ended)


def test_of_each_endpoint_a_few_messages_are_due_and_one_sender_takes_each(store: Store) -> None:
    with store.write() as tx:
        for name in "ab":
            events = f" {Happening.ERASED} "
            outbox.create(tx, Endpoint(url=name, events=events, salt=name, created_at=NOW, created_by="x"))
        many = [{"contact_id": each} for each in range(9)]
        outbox.tell_all(tx, Happening.ERASED, many, at=NOW)
        outbox.tell(tx, Happening.SENT, {}, at=NOW)
        found = outbox.due(tx, at=NOW, per_endpoint=2)
        assert sorted(each.data["contact_id"] for each in found) == [0, 0, 1, 1]
        until = NOW + timedelta(minutes=1)
        assert outbox.claim(tx, found[0], at=NOW, until=until)
        assert not outbox.claim(tx, found[0], at=NOW, until=until)
        assert outbox.due(tx, at=NOW, per_endpoint=1)[0].id != found[0].id


def test_names_of_old_copies_go_and_the_copies_stay(store: Store, signer: Signer) -> None:
    ledger = Ledger(store, signer, NOW)
    send = ledger.send()
    copy = ledger.deliver(send, ledger.contact())
    with store.write() as tx:
        tx.execute(table(Delivery).update().values(merge={"first_name": "Alix"}))
        assert retention.named_copies(tx, BOUNDS) == 0
        tx.execute(table(Send).update().values(state=SendState.DONE.value, ended_at=NOW))
        assert retention.named_copies(tx, BOUNDS) == 1
        assert retention.forget_names(tx, BOUNDS, str) == 1
        assert retention.named_copies(tx, BOUNDS) == 0
    assert (ledger.delivery(copy.key).merge, ledger.delivery(copy.key).address) == ({}, ALIX)


def test_people_of_whom_nothing_was_heard_are_found(store: Store, signer: Signer) -> None:
    Ledger(store, signer, NOW).contact()
    with store.read() as tx:
        assert retention.inactive(tx, BOUNDS) == [ALIX]
        assert retention.lonely_exclusions(tx, BOUNDS) == 0
        assert (retention.old_imports(tx, BOUNDS), retention.unconfirmed(tx, BOUNDS)) == (0, 0)
