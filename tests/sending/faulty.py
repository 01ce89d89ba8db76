"""A faulty letter, sent whole or in part, and its erratum."""

from typing import Any

from mailer.model.ledger import SendState
from mailer.sending import pause
from mailer.store import sends
from tests.sending.scripted import Scripted, in_an_hour
from tests.sending.world import (
    World,
    addresses,
    delivery,
)

FAULTY = "2026-06"
ADDRESSES = addresses(range(10))


def sent(world: World, script: dict[str, list[Any]] | None = None, *, people: int = 6, **others: Any) -> int:
    """A faulty letter that was handed over to everybody, but for what the script says."""
    world.people(people)
    send_id = world.schedule(**others)
    world.sender(Scripted(script=script or {})).run(send_id)
    return send_id


def half_sent(world: World) -> int:
    """Of six people three have it; the send is paused."""
    send_id = sent(world, {address: [in_an_hour()] for address in ADDRESSES[:3]})
    world.do(pause, send_id)
    return send_id


def erratum(world: World, **others: Any) -> int:
    values = {"slug": "2026-06-erratum", "erratum_of": FAULTY, "subject": "Erratum", **others}
    return world.schedule(**values)


def change(world: World, send_id: int, **values: Any) -> None:
    one = (delivery.c.send_id == send_id) & (delivery.c.address == ADDRESSES[0])
    with world.store.write() as tx:
        tx.execute(delivery.update().where(one).values(**values))


def move(world: World, send_id: int, state: SendState) -> None:
    with world.store.write() as tx:
        assert sends.transition(tx, send_id, before=list(SendState), after=state)
