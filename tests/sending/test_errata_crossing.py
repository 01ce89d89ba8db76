"""Copy and correction never cross: nobody gets the faulty letter after its erratum, or without it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mailer.errors import RefusedError
from mailer.model.ledger import DeliveryState, SendState
from mailer.model.mail import Capabilities
from mailer.sending import cancel, give_up, pause, resume, send_again
from tests.sending.faulty import ADDRESSES, change, erratum, half_sent, move, sent
from tests.sending.scripted import DROP, Scripted
from tests.sending.world import (
    World,
)


def test_nothing_is_corrected_that_nobody_has(world: World) -> None:
    world.people(2)
    with pytest.raises(RefusedError, match="Nobody has a copy"):
        erratum(world)


@pytest.mark.parametrize("state", [SendState.SCHEDULED, SendState.STARTING, SendState.SENDING])
def test_an_erratum_waits_until_the_faulty_letter_stands_still(world: World, state: SendState) -> None:
    send_id = half_sent(world)
    move(world, send_id, state)
    with pytest.raises(RefusedError, match=r"lettre/2026-06 is .*Pause or cancel"):
        erratum(world)


def test_a_faulty_letter_does_not_go_on_behind_its_erratum(world: World) -> None:
    faulty = half_sent(world)
    correction = erratum(world)
    with pytest.raises(RefusedError, match="lettre/2026-06-erratum is scheduled"):
        world.do(resume, faulty)
    world.sender(Scripted()).run(correction)
    with pytest.raises(RefusedError, match="lettre/2026-06-erratum is done"):
        world.do(resume, faulty)
    assert world.send(faulty).state == "paused"
    world.do(cancel, faulty)


def test_it_goes_on_once_its_erratum_was_given_up(world: World) -> None:
    faulty = half_sent(world)
    world.do(cancel, erratum(world))
    world.do(resume, faulty)
    assert world.send(faulty).state == "sending"


def test_a_faulty_letter_does_not_leave_a_second_time(world: World) -> None:
    world.do(cancel, half_sent(world))
    erratum(world)
    world.later(days=1)
    with pytest.raises(RefusedError, match="3 people have a copy"):
        world.schedule()


def test_of_an_erratum_and_a_resume_at_the_same_time_one_happens(world: World) -> None:
    faulty, ready, refused = half_sent(world), threading.Barrier(2), []

    def act(what: Callable[[], Any]) -> None:
        ready.wait()
        try:
            what()
        except RefusedError as error:
            refused.append(error)

    acts = (lambda: world.do(resume, faulty), lambda: erratum(world))
    threads = [threading.Thread(target=act, args=(each,)) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_its_doubtful_copies_are_not_sent_again_behind_its_erratum(world: World) -> None:
    faulty = sent(world, {ADDRESSES[0]: [DROP]})
    assert world.send(faulty).state == "settling"
    erratum(world)
    with pytest.raises(RefusedError, match="may not leave any more"):
        world.do(send_again, faulty)
    world.do(give_up, faulty)


def test_a_missed_erratum_waits_for_the_faulty_letter_too(world: World) -> None:
    faulty = half_sent(world)
    correction = erratum(world)
    world.later(hours=3)
    world.sender(Scripted()).run_due()
    assert world.send(correction).state == "missed"
    world.do(resume, faulty)
    with pytest.raises(RefusedError, match="Pause or cancel"):
        world.do(resume, correction)
    world.do(pause, faulty)
    world.do(resume, correction)


def test_whoever_gets_the_faulty_copy_presently_is_not_forgotten(world: World) -> None:
    """Doubts that the provider takes once are repeated by themselves: what they set moving again is still corrected."""
    faulty = half_sent(world)
    correction = erratum(world)
    move(world, faulty, SendState.SENDING)
    world.sender(provider := Scripted()).run(correction)
    assert provider.addresses == ADDRESSES[:6]


IDEMPOTENT = Capabilities(idempotency_ttl=timedelta(days=1))
CAN_BE_ASKED = Capabilities(can_resolve=True)


@pytest.mark.parametrize("caps", [IDEMPOTENT, CAN_BE_ASKED])
def test_nothing_of_the_faulty_letter_leaves_by_itself_behind_its_erratum(
    world: World, caps: Capabilities
) -> None:
    """Neither a doubt with its key, nor a copy of which the provider says that it never had it."""
    world.people(3)
    faulty, provider = world.schedule(), Scripted(caps=caps, script={ADDRESSES[0]: [DROP] * 9})
    world.sender(provider).run(faulty)
    move(world, faulty, SendState.SETTLING)
    correction = erratum(world)
    world.sender(provider).run(correction)
    for _ in range(3):
        world.later(hours=1)
        world.sender(provider).run_due()
    of_faulty = [each for each in provider.journal if each.key in {row.key for row in world.rows(faulty)}]
    assert len(of_faulty) == 2
    assert world.states(faulty) == {"accepted": 2, "cancelled" if caps.can_resolve else "in_doubt": 1}


def test_a_letter_with_a_copy_to_hand_over_again_is_no_letter_at_rest(world: World) -> None:
    faulty = sent(world)
    change(world, faulty, state=DeliveryState.PLANNED.value)
    move(world, faulty, SendState.SETTLING)
    with pytest.raises(RefusedError, match="Pause or cancel"):
        erratum(world)
