"""What only a person decides: doubtful copies are sent again, with the same key and bytes, and the doubt sticks."""

import pytest

from mailer.errors import RefusedError
from mailer.model.mail import Capabilities
from mailer.sending import give_up, send_again
from tests.sending.scripted import ACCEPT, DROP, LOST_REPLY, REJECT, Act, Scripted, in_an_hour
from tests.sending.world import World, addresses, send_table

ONE = addresses([1])[0]
ECHOES = Capabilities(echoes_key=True)


def test_a_doubtful_copy_is_handed_over_again_with_the_same_bytes(world: World) -> None:
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(caps=ECHOES, script={ONE: [DROP, ACCEPT]})
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 2, "in_doubt": 1}
    world.do(send_again, send_id)
    summary = world.sender(provider).run(send_id)
    assert summary.counts == {"accepted": 3}
    assert all(len(kinds) == 1 for kinds in provider.bytes_by_key.values())


def test_a_refusal_after_a_doubt_is_still_a_doubt(world: World) -> None:
    world.people(2)
    send_id = world.schedule()
    provider = Scripted(caps=ECHOES, script={ONE: [DROP, REJECT]})
    world.sender(provider).run(send_id)
    world.do(send_again, send_id)
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 1, "in_doubt": 1}


def test_without_a_doubt_there_is_nothing_to_decide(world: World) -> None:
    world.people(2)
    send_id = world.schedule()
    world.sender(Scripted(caps=ECHOES)).run(send_id)
    with pytest.raises(RefusedError):
        world.do(send_again, send_id)


def test_whoever_gives_up_ends_the_send_with_its_doubts_shown(world: World) -> None:
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(caps=ECHOES, script={ONE: [DROP, ACCEPT]})
    world.sender(provider).run(send_id)
    world.do(give_up, send_id)
    assert (world.send(send_id).state, world.send(send_id).ended_at) == ("done", world.now)
    world.sender(provider).run(send_id)
    assert (world.states(send_id), len(provider.calls)) == ({"accepted": 2, "in_doubt": 1}, 3)
    with pytest.raises(RefusedError):
        world.do(send_again, send_id)


@pytest.mark.parametrize("act", [ACCEPT, in_an_hour()])
def test_nobody_gives_up_what_is_not_in_doubt_or_still_to_leave(world: World, act: Act) -> None:
    world.people(2)
    send_id = world.schedule()
    world.sender(Scripted(caps=ECHOES, script={ONE: [act]})).run(send_id)
    with pytest.raises(RefusedError):
        world.do(give_up, send_id)


def test_settling_asks_the_provider_and_hands_nothing_over(world: World) -> None:
    """Also of a cancelled send, which no tick looks after any more."""
    world.people(2)
    send_id = world.schedule()
    provider = Scripted(caps=Capabilities(can_resolve=True), script={ONE: [LOST_REPLY]})
    world.sender(provider).run(send_id)
    with world.store.write() as tx:
        tx.execute(send_table.update().values(state="cancelled"))
    world.later(minutes=6)
    assert world.sender(provider).settle(send_id).counts == {"accepted": 2}
    assert len(provider.calls) == 2
