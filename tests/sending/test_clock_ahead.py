"""A clock that ran a month ahead and was set right: what it wrote holds nobody back, and repeats nothing with an old key."""

from datetime import timedelta

import pytest

from mailer.model.mail import Capabilities
from mailer.sending import pause
from tests.sending.scripted import DROP, Scripted, in_an_hour
from tests.sending.world import World, addresses, attempt

ONE = "p1@ville.example"


def left_by_a_dead_process(world: World, state: str) -> int:
    """Killed while the clock ran ahead, with two copies in that state."""
    world.people(2)
    send_id = world.schedule()
    world.sender(Scripted(otherwise=in_an_hour())).run(send_id)
    ahead = world.now + timedelta(days=30)
    world.set(
        send_id,
        state=state,
        owner="dead",
        lease_until=ahead + timedelta(minutes=1),
        first_attempt_at=ahead,
        not_before=None,
    )
    if state == "posting":
        with world.store.write() as tx:
            tx.execute(attempt.update().values(started_at=ahead, ended_at=None, outcome=""))
    return send_id


def test_what_was_only_claimed_leaves_at_the_next_tick(world: World) -> None:
    send_id = left_by_a_dead_process(world, "claimed")
    world.sender(provider := Scripted()).run_due()
    assert (world.states(send_id), provider.addresses) == ({"accepted": 2}, addresses(range(2)))


@pytest.mark.parametrize("caps", [Capabilities(), Capabilities(idempotency_ttl=timedelta(minutes=15))])
def test_what_was_being_posted_is_in_doubt_and_is_not_repeated(world: World, caps: Capabilities) -> None:
    send_id = left_by_a_dead_process(world, "posting")
    for _ in range(3):
        world.sender(provider := Scripted(caps=caps)).run_due()
        world.later(hours=20)
    assert (world.states(send_id), provider.calls) == ({"in_doubt": 2}, [])
    assert world.send(send_id).state == "done"


def test_a_paused_send_gives_back_what_was_claimed(world: World) -> None:
    send_id = left_by_a_dead_process(world, "claimed")
    world.do(pause, send_id)
    world.sender(Scripted()).run_due()
    assert world.states(send_id) == {"planned": 2}


def test_a_lease_of_this_moment_holds_for_others_whose_clock_is_a_little_behind(world: World) -> None:
    send_id = left_by_a_dead_process(world, "claimed")
    world.set(send_id, lease_until=world.now + timedelta(hours=1, minutes=30))
    world.sender(provider := Scripted()).run_due()
    assert (world.states(send_id), provider.calls) == ({"claimed": 2}, [])


def test_a_doubt_whose_key_may_be_old_is_not_repeated(world: World) -> None:
    """I9: by the clock that is right now it is tried first in a month, and seems young for as long."""
    world.people(3)
    send_id = world.schedule(send_at=world.now + timedelta(days=30))
    world.later(days=30)
    provider = Scripted(caps=Capabilities(idempotency_ttl=timedelta(minutes=15)), script={ONE: [DROP] * 9})
    world.sender(provider).run(send_id)
    assert world.row(send_id, ONE).state == "in_doubt"
    tried = len(provider.calls)
    world.later(days=-30, hours=1)
    world.set(send_id, not_before=None)
    for _ in range(3):
        world.sender(provider).run_due()
        world.later(minutes=10)
    assert (world.row(send_id, ONE).state, len(provider.calls)) == ("in_doubt", tried)
