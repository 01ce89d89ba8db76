"""What only a person decides: doubtful copies are sent again, with the same key and bytes, and the doubt sticks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from mailer.errors import RefusedError
from mailer.model.mail import Capabilities, Message, Pending, Resolution, Resolved
from mailer.sending import cancel, give_up, pause, resume, send_again
from mailer.store import persons
from tests.sending.scripted import ACCEPT, DROP, HALT, LOST_REPLY, REJECT, Act, Scripted, in_an_hour
from tests.sending.world import World, addresses, delivery, send_table

ONE, TWO = addresses([1, 2])
ECHOES = Capabilities(echoes_key=True)
ASKED = Capabilities(can_resolve=True)


class Lagging(Scripted):
    """Lists what it took once its settling time is over, not before."""

    def __init__(self, world: World, *acts: Act) -> None:
        super().__init__(caps=ASKED, script={ONE: list(acts)}, resolved=Resolved.UNDECIDED)
        self.world = world
        self.taken_at: dict[str, datetime] = {}

    def _take(self, message: Message) -> None:
        super()._take(message)
        self.taken_at.setdefault(message.key, self.world.now)

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return [Resolution(each.key, self.resolved or self._found(each.key)) for each in asked]

    def _found(self, key: str) -> Resolved:
        at = self.taken_at.get(key)
        listed = at is not None and self.world.now - at >= self.caps.resolve_settle
        return Resolved.PRESENT if listed else Resolved.ABSENT


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


def test_erasing_the_person_of_a_copy_to_be_sent_again_keeps_its_doubt(world: World) -> None:
    """R4: they may have it, so it is not counted as left out; nothing more is handed over, and the send ends."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(script={ONE: [LOST_REPLY]})
    world.sender(provider).run(send_id)
    world.do(send_again, send_id)
    with world.store.write() as tx:
        persons.erase(tx, ONE, digest=world.signer.erased, at=world.now, source="desk")
    world.sender(provider).run(send_id)
    assert (world.states(send_id), len(provider.calls)) == ({"accepted": 2, "in_doubt": 1}, 3)
    world.do(give_up, send_id)
    assert world.send(send_id).state == "done"


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


def test_nobody_gives_up_what_a_look_up_has_just_planned_anew(world: World) -> None:
    """The provider surely does not have one of two: it leaves at the next tick, and only then is the other given up."""
    world.people(4)
    send_id = world.schedule()
    provider = Scripted(caps=Capabilities(can_resolve=True), script={ONE: [DROP], TWO: [LOST_REPLY]})
    world.sender(provider).run(send_id)
    lost = world.row(send_id, ONE).key
    answers = {True: Resolved.ABSENT, False: Resolved.UNDECIDED}

    def resolve(asked: Sequence[Pending]) -> list[Resolution]:
        return [Resolution(each.key, answers[each.key == lost]) for each in asked]

    provider.resolve = resolve  # type: ignore[method-assign]
    world.later(minutes=6)
    world.sender(provider).settle(send_id)
    assert (world.send(send_id).state, world.row(send_id, ONE).state) == ("settling", "planned")
    with pytest.raises(RefusedError, match="Copies of lettre/2026-06 are still to be handed over"):
        world.do(give_up, send_id)
    world.sender(provider).run_due()
    world.do(give_up, send_id)
    assert world.send(send_id).state == "done"
    assert world.states(send_id) == {"accepted": 3, "in_doubt": 1}


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


@pytest.mark.parametrize("kill", [False, True])
def test_what_was_sent_again_is_looked_up_after_the_settling_time_of_that_copy(
    world: World, kill: bool
) -> None:
    """Its answer is lost a second time, or its process dies: counted from the first, one more copy would leave unasked."""
    world.people(3)
    send_id = world.schedule()
    provider = Lagging(world, DROP, LOST_REPLY)
    world.sender(provider).run(send_id)
    world.later(hours=1)
    world.sender(provider).run_due()
    world.do(send_again, send_id)
    provider.resolved = None
    world.sender(provider).run_due()
    if kill:
        killed_while_posting(world, send_id)
    for _ in range(30):
        world.sender(provider).run_due()
        world.later(seconds=30)
    assert provider.addresses == addresses(range(3))
    assert world.states(send_id) == {"accepted": 3}


def killed_while_posting(world: World, send_id: int) -> None:
    """As if nobody had written down what became of the second copy."""
    row = world.row(send_id, ONE)
    with world.store.write() as tx:
        held = delivery.update().where(delivery.c.id == row.id)
        long_ago, lease = world.now - timedelta(hours=1), world.now + timedelta(seconds=1)
        tx.execute(held.values(state="posting", in_doubt_since=long_ago, lease_until=lease, not_before=None))
        tx.execute(send_table.update().values(state="sending"))


# --- nothing but an attempt uses a person's decision up -------------------------------------------


@pytest.mark.parametrize(
    "caps", [ECHOES, Capabilities(), Capabilities(idempotency_ttl=timedelta(minutes=15))]
)
def test_a_halt_leaves_what_is_to_be_sent_again_as_it_is(world: World, caps: Capabilities) -> None:
    """A wrong key, say: nothing was taken, and once it is right the copy leaves."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(caps=caps, script={ONE: [DROP] * 50})
    for _ in range(20):
        world.sender(provider).run_due()
        world.later(minutes=2)
    provider.script[ONE] = [HALT]
    world.do(send_again, send_id)
    world.sender(provider).run(send_id)
    assert (world.send(send_id).state, world.row(send_id, ONE).state) == ("paused", "planned")
    world.do(resume, send_id)
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 3}


@pytest.mark.parametrize("killed", [False, True])
def test_what_was_claimed_to_be_sent_again_waits_while_the_send_is_paused(world: World, killed: bool) -> None:
    """Whether its process gives it back, or dies with it."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(script={ONE: [DROP], TWO: [DROP]})
    world.changes["provider"] = {"rate": "1000/s", "threads": 1}
    world.sender(provider).run(send_id)
    world.do(send_again, send_id)
    provider.on_send = lambda message: world.do(pause, send_id)
    world.sender(provider).run(send_id)
    provider.on_send = lambda message: None
    [waiting] = [row for row in world.rows(send_id) if row.state != "accepted"]
    assert (waiting.state, waiting.reason) == ("planned", "sent-again")
    if killed:
        claimed_by_the_dead(world, waiting.id)
        world.sender(provider).run_due()
    world.do(resume, send_id)
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 3}
    assert len(provider.calls) == 5


def claimed_by_the_dead(world: World, number: int) -> None:
    with world.store.write() as tx:
        held = delivery.update().where(delivery.c.id == number)
        tx.execute(held.values(state="claimed", owner="gone", lease_until=world.now))
    world.later(minutes=1)


def test_a_cancelled_send_shows_what_was_to_be_sent_again_as_a_doubt(world: World) -> None:
    """R4."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(script={ONE: [DROP, HALT]})
    world.sender(provider).run(send_id)
    world.do(send_again, send_id)
    provider.on_send = lambda message: world.do(cancel, send_id)
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 2, "in_doubt": 1}
