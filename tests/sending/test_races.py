"""READ COMMITTED: what commits beside an intent waits for it, so that nothing leaves after a stop was committed."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.errors import StoreError
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.sending import pause
from mailer.store import Store, deliveries, guards, handovers, planning
from mailer.store.guards import Guard
from mailer.subscribing import unsubscribe
from mailer.tokens import Signer
from tests.sending.intents import LEASE, claimed
from tests.sending.test_intent import excluded_everywhere
from tests.sending.test_intent_members import end_membership
from tests.sending.world import World, contact, send_table


def beside(world: World, mine: Delivery, guard: Guard, act: Callable[[World], None]) -> list[str]:
    """The intent is written but not committed; `act` begins now. In which order the two were committed."""
    order: list[str] = []

    def other() -> None:
        act(world)
        order.append("other")

    thread = threading.Thread(target=other)
    with world.store.write() as tx:
        guards.lock_send(tx, guard.send_id, exclusive=False)
        guards.lock_people(tx, [mine.contact_id])
        assert handovers.intend(tx, [(mine, "hash")], guard=guard, at=world.now, lease=LEASE)
        thread.start()
        thread.join(0.3)
        order.append("intent")
    thread.join()
    return order


def pauses(world: World) -> None:
    with world.store.read() as tx:
        send_id = tx.execute(select(send_table.c.id)).scalar_one()
    world.do(pause, send_id)


def leaves(world: World) -> None:
    with world.store.write() as tx:
        found = deliveries.find_by_key(tx, tx.execute(select(table(Delivery).c.key)).scalar_one())
        assert found is not None
        unsubscribe(tx, found, topic="newsletter", everything=False, at=world.now, source="test")


@pytest.mark.parametrize("act", [excluded_everywhere, leaves, end_membership, pauses])
def test_whoever_would_stop_an_intent_waits_for_its_commit(
    world: World, act: Callable[[World], None]
) -> None:
    """I5, I6: else a byte could leave after the exclusion, the end of the membership or the pause was committed."""
    mine, guard = claimed(world, members_only=True)
    assert beside(world, mine, guard, act) == ["intent", "other"]
    assert world.states(guard.send_id) == {"posting": 1}


def test_nobody_moves_between_the_reading_of_an_audience_and_its_ledger(
    postgresql_store: Store, clock: FixedClock, signer: Signer, tmp_path: Path
) -> None:
    """Else the ledger would hold an address that nobody has any more, and the person would be left out."""
    world = World(postgresql_store, clock, signer, tmp_path)
    [person] = world.people(1)
    moving = select(contact.c.id).with_for_update(nowait=True)
    with world.store.write() as tx:
        [found] = planning.recipients(tx, [person], day=world.now.date(), cohort=None)
        assert found.address == "p0@ville.example"
        with pytest.raises(StoreError, match="could not obtain lock"), world.store.read() as other:
            other.execute(moving)
