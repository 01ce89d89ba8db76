"""A process sleeps between its intent and the first byte, for longer than its lease; others do its work meanwhile."""

from typing import Any

from sqlalchemy import event

from mailer.model.mail import Capabilities
from mailer.settings import ProviderSettings
from mailer.store import Store
from tests.sending.scripted import RETRY, Scripted
from tests.sending.world import World, addresses

PEOPLE = 3


def asleep_after_the_first_intent(world: World, provider: Scripted, send_id: int) -> list[str]:
    """When the intents of one sender are committed, three hours pass, and another sender brings the send to its end."""
    others = World(Store(world.store.url), world.clock, world.signer, world.root, world.changes)
    slept: list[str] = []

    def sleep(_connection: Any, _record: Any) -> None:
        if not slept and others.states(send_id).get("posting"):
            slept.append("once")
            world.later(hours=3)
            for _ in range(4):
                others.sender(provider).run(send_id)
                world.later(minutes=6)

    event.listen(world.store.engine, "checkin", sleep)
    world.sender(provider).run(send_id)
    others.store.close()
    return slept


def test_whoever_wakes_after_its_lease_hands_nothing_over(sqlite_world: World) -> None:
    """Class B: asked about it, the provider has nothing, so another sender hands it over."""
    world = sqlite_world
    world.changes["provider"] = ProviderSettings(rate="1000/s", threads=1)
    world.people(PEOPLE)
    send_id, provider = world.schedule(), Scripted(caps=Capabilities(can_resolve=True))
    assert asleep_after_the_first_intent(world, provider, send_id)
    assert provider.addresses == addresses(range(PEOPLE))
    assert world.states(send_id) == {"accepted": PEOPLE}


def test_what_never_left_begins_no_day_of_retries(sqlite_world: World) -> None:
    """Two days pass after the intents: the first request that leaves afterwards is a first try, and may be tried again."""
    world = sqlite_world
    world.changes["provider"] = ProviderSettings(rate="1000/s", threads=1)
    world.people(1)
    send_id, provider = world.schedule(), Scripted(script={"p0@ville.example": [RETRY]})
    others = World(Store(world.store.url), world.clock, world.signer, world.root, world.changes)
    slept: list[str] = []

    def sleep(_connection: Any, _record: Any) -> None:
        if not slept and others.states(send_id).get("posting"):
            slept.append("once")
            world.later(hours=48)

    event.listen(world.store.engine, "checkin", sleep)
    world.sender(provider).run(send_id)
    others.store.close()
    assert slept
    row = world.row(send_id, "p0@ville.example")
    assert (row.state, len(provider.calls)) == ("accepted", 2)
    assert [each.outcome for each in world.attempts(row.id)] == ["not-tried", "retry", "accepted"]
