"""Deliveries that were claimed by hand, and the intent of each: what the tests of its guards start from."""

from datetime import timedelta

from mailer.clock import local_date
from mailer.model.ledger import Delivery
from mailer.sending.starting import start
from mailer.store import claims, guards, handovers
from mailer.store.attempts import Repeatable
from mailer.store.guards import Guard
from tests.conftest import NOW
from tests.sending.world import MEMBERS, World, attempt

LEASE = timedelta(seconds=60)
#: An account of a provider.
HERE = "here"


def claimed(world: World, *, members_only: bool = False, doubts: bool = False) -> tuple[Delivery, Guard]:
    """One person's delivery, claimed, and a guard that holds."""
    [mine], guard = all_claimed(world, 1, members_only=members_only, doubts=doubts)
    return mine, guard


def all_claimed(
    world: World, people: int, *, members_only: bool = False, doubts: bool = False
) -> tuple[list[Delivery], Guard]:
    """The deliveries of so many people, claimed, and a guard that holds."""
    world.people(people)
    send_id = world.schedule(**({"segment": MEMBERS} if members_only else {}))
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=NOW)
    if doubts:
        world.set(send_id, state="in_doubt", in_doubt_since=NOW, first_attempt_at=NOW, attempts=1)
        lost_answers(world, send_id)
    with world.store.write() as tx:
        mine = claims.claim(
            tx, send_id, owner="me", at=world.now, lease=LEASE, limit=10,
            repeatable=Repeatable(NOW - timedelta(days=1), HERE) if doubts else None,
        )  # fmt: skip
    young = Repeatable(NOW - timedelta(minutes=15), HERE)
    return mine, guard_of(world, send_id, members_only=members_only, repeatable=young)


def guard_of(
    world: World, send_id: int, *, members_only: bool = False, repeatable: Repeatable | None = None
) -> Guard:
    """What must hold now for a copy of this letter to leave."""
    send = world.send(send_id)
    return Guard(
        send_id=send_id,
        send_epoch=send.epoch,
        content_hash=send.content_hash,
        topic="newsletter",
        members_only=members_only,
        day=local_date(world.now, send.zone),
        repeatable=repeatable,
        asks=send.asks_consent,
    )


def lost_answers(world: World, send_id: int) -> None:
    """What made them doubtful."""
    rows = [
        {"delivery_id": each.id, "n": 1, "epoch": 1, "started_at": NOW, "outcome": "unknown", "account": HERE}
        for each in world.rows(send_id)
    ]
    with world.store.write() as tx:
        tx.execute(attempt.insert(), [row | {"code": "", "evidence": ""} for row in rows])


def intend(world: World, mine: Delivery, guard: Guard, request_hash: str = "hash") -> bool:
    with world.store.write() as tx:
        guards.lock_send(tx, guard.send_id, exclusive=False)
        guards.lock_people(tx, [mine.contact_id])
        return bool(handovers.intend(tx, [(mine, request_hash)], guard=guard, at=world.now, lease=LEASE))


def why_not(world: World, mine: Delivery, guard: Guard) -> str | None:
    with world.store.read() as tx:
        return guards.why_not(tx, mine, guard=guard)
