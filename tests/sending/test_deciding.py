"""What only a person decides: doubtful copies are sent again, with the same key and bytes, and the doubt sticks."""

import pytest

from mailer.errors import RefusedError
from mailer.model.mail import Capabilities
from mailer.sending import send_again
from tests.sending.scripted import ACCEPT, DROP, REJECT, Scripted
from tests.sending.world import World, addresses

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
