"""Doubts by the provider's class, and the end of a send."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from mailer.model.ledger import Delivery
from mailer.model.mail import Capabilities, Message, Resolved, SendResult, Status
from mailer.sending import cancel, pause
from mailer.store import attempts, deliveries
from tests.sending.scripted import DROP, LOST_REPLY, REJECT, RETRY, Act, Scripted, in_an_hour
from tests.sending.world import Tracking, World, addresses, attempt, campaign

A = Capabilities(idempotency_ttl=timedelta(minutes=15))
B = Capabilities(can_resolve=True)
ECHO = Capabilities(echoes_key=True)
C = Capabilities()
ONE = "p1@ville.example"


def doubtful(
    world: World, caps: Capabilities, act: Act, *more: Act, **others: object
) -> tuple[int, Scripted]:
    """Three people, the second of them lost in the middle; after one run."""
    world.people(3)
    send_id = world.schedule(**others)
    provider = Scripted(caps=caps, script={ONE: [act, *more]})
    world.sender(provider).run(send_id)
    return send_id, provider


@pytest.mark.parametrize("act", [LOST_REPLY, DROP])
def test_class_a_repeats_the_same_bytes_with_the_same_key(world: World, act: str) -> None:
    send_id, provider = doubtful(world, A, act)
    assert world.states(send_id) == {"accepted": 3}
    assert provider.addresses == addresses(range(3))
    assert {len(each) for each in provider.bytes_by_key.values()} == {1}
    assert world.send(send_id).state == "done"


def test_class_a_repeats_later_what_one_run_could_not_settle(world: World) -> None:
    send_id, provider = doubtful(world, A, LOST_REPLY, *[DROP] * 3)
    for _ in range(6):
        world.later(minutes=2)
        world.sender(provider).run_due()
    assert world.states(send_id) == {"accepted": 3}
    assert provider.addresses == addresses(range(3))


def test_class_a_never_repeats_past_the_keys_age(world: World) -> None:
    """I9."""
    send_id, provider = doubtful(world, A, DROP, *[DROP] * 50)
    for _ in range(60):
        world.later(minutes=1)
        world.sender(provider).run_due()
    row = world.row(send_id, ONE)
    assert row.state == "in_doubt"
    last = max(each.started_at for each in world.attempts(row.id))
    assert last - row.first_attempt_at < timedelta(minutes=15)
    assert row.attempts > 2


def test_class_a_counts_the_keys_age_from_the_attempt_that_was_lost(world: World) -> None:
    """Not from one that was put off before: the provider knows nothing of that."""
    send_id, provider = doubtful(world, A, in_an_hour(), LOST_REPLY)
    for _ in range(80):
        world.later(minutes=1)
        world.sender(provider).run_due()
    assert world.states(send_id) == {"accepted": 3}
    assert provider.addresses == addresses(range(3))


def test_class_a_never_repeats_past_the_age_of_the_first_that_was_lost(world: World) -> None:
    """I9, also after an attempt that was put off."""
    send_id, provider = doubtful(world, A, in_an_hour(), *[DROP] * 50)
    for _ in range(120):
        world.later(minutes=1)
        world.sender(provider).run_due()
    row = world.row(send_id, ONE)
    _, lost, *_, last = [each.started_at for each in world.attempts(row.id)]
    assert (row.state, row.attempts > 3) == ("in_doubt", True)
    assert last - lost < timedelta(minutes=15)


def test_a_refusal_after_a_doubt_stays_a_doubt(world: World) -> None:
    """R4."""
    send_id, _ = doubtful(world, A, LOST_REPLY, *[REJECT] * 50)
    assert world.row(send_id, ONE).state == "in_doubt"


@pytest.mark.parametrize(("act", "attempts"), [(LOST_REPLY, 1), (DROP, 2)])
def test_class_b_asks_once_the_doubt_is_old_enough(world: World, act: str, attempts: int) -> None:
    send_id, provider = doubtful(world, B, act)
    assert (world.row(send_id, ONE).state, provider.asked) == ("in_doubt", [])
    world.later(minutes=6)
    for _ in range(3):
        world.sender(provider).run_due()
    assert provider.addresses == addresses(range(3))
    assert (world.row(send_id, ONE).state, world.row(send_id, ONE).attempts) == ("accepted", attempts)
    assert world.send(send_id).state == "done"


@pytest.mark.parametrize(("act", "state"), [(LOST_REPLY, "accepted"), (DROP, "planned")])
def test_class_b_is_asked_while_the_send_is_paused_and_nothing_leaves(
    world: World, act: str, state: str
) -> None:
    send_id, provider = paused_with_a_doubt(world, act)
    world.later(minutes=4)
    world.sender(provider).run_due()
    assert provider.asked == []
    world.later(minutes=2)
    for _ in range(3):
        world.sender(provider).run_due()
    assert (world.send(send_id).state, world.row(send_id, ONE).state) == ("paused", state)
    assert (len(provider.asked), len(provider.calls)) == (1, 3)


def test_a_paused_send_is_left_alone_by_providers_that_cannot_be_asked(world: World) -> None:
    paused_with_a_doubt(world, DROP)
    world.later(hours=1)
    assert world.sender(Scripted(caps=A)).run_due() == []


def paused_with_a_doubt(world: World, act: str) -> tuple[int, Scripted]:
    """Of three people one has it, one is in doubt, one waits."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(caps=B, script={ONE: [act], addresses([2])[0]: [in_an_hour()]})
    world.sender(provider).run(send_id)
    world.do(pause, send_id)
    return send_id, provider


def test_a_provider_that_cannot_say_is_not_asked_at_every_tick(world: World) -> None:
    send_id, provider = doubtful(world, B, DROP)
    provider.resolved = Resolved.UNDECIDED
    world.later(minutes=6)
    for _ in range(12):
        world.sender(provider).run_due()
        world.later(seconds=5)
    assert len(provider.asked) == 1
    assert world.row(send_id, ONE).state == "in_doubt"


def test_what_was_found_absent_still_goes_through_the_guards(world: World) -> None:
    send_id, provider = doubtful(world, B, DROP)
    world.exclude(ONE)
    world.later(minutes=6)
    for _ in range(3):
        world.sender(provider).run_due()
    assert (world.row(send_id, ONE).state, world.send(send_id).state) == ("excluded", "done")
    assert ONE not in provider.addresses


def test_class_b_prime_waits_for_the_echo_of_the_key(world: World) -> None:
    send_id, provider = doubtful(world, ECHO, LOST_REPLY)
    world.later(hours=1)
    world.sender(provider).run_due()
    row = world.row(send_id, ONE)
    assert row.state == "in_doubt"
    with world.store.write() as tx:
        assert deliveries.accept_by_event(tx, row.id, at=world.now, provider_ref="r1")
        assert not deliveries.accept_by_event(tx, row.id, at=world.now, provider_ref="r2")
    world.sender(provider).run_due()
    assert (world.row(send_id, ONE).provider_ref, world.send(send_id).state) == ("r1", "done")
    assert provider.addresses == addresses(range(3))


@pytest.mark.parametrize("act", [LOST_REPLY, DROP])
def test_class_c_never_repeats_and_gives_up_after_the_settling_hours(world: World, act: str) -> None:
    send_id, provider = doubtful(world, C, act)
    for hours, state in ((23.9, "settling"), (0.2, "done")):
        world.later(hours=hours)
        world.sender(provider).run_due()
        assert world.send(send_id).state == state
    assert world.states(send_id) == {"accepted": 2, "in_doubt": 1}
    assert len(provider.calls) == 3


def test_news_that_come_after_the_end_are_still_written_down(world: World) -> None:
    send_id, provider = doubtful(world, C, LOST_REPLY)
    world.later(hours=25)
    world.sender(provider).run_due()
    with world.store.write() as tx:
        assert deliveries.accept_by_event(tx, world.row(send_id, ONE).id, at=world.now, provider_ref=None)
    assert world.states(send_id) == {"accepted": 3}


def test_what_was_never_tried_is_not_accepted_by_news(world: World) -> None:
    world.people(1)
    send_id = world.schedule()
    world.sender(Scripted(script={"p0@ville.example": [in_an_hour()]})).run(send_id)
    world.set(send_id, attempts=0)
    with world.store.write() as tx:
        assert not deliveries.accept_by_event(tx, world.rows(send_id)[0].id, at=world.now, provider_ref=None)


def test_the_secret_of_the_anonymous_measure_goes_with_the_last_doubt(world: World) -> None:
    send_id, provider = doubtful(world, C, DROP, campaign=campaign(tracking=Tracking.ANONYMOUS))
    secret = world.secret(send_id)
    assert secret
    world.later(hours=25)
    world.sender(provider).run_due()
    assert (world.send(send_id).state, world.secret(send_id)) == ("done", b"")
    for path in world.root.glob("mailer.db*"):
        assert secret not in path.read_bytes()


@pytest.mark.parametrize("left", ["claimed", "posting"])
def test_a_cancelled_send_keeps_nothing_on_its_way_for_ever(world: World, left: str) -> None:
    """The process died with it; then somebody cancelled."""
    world.people(1)
    send_id = world.schedule()
    world.sender(Scripted(script={"p0@ville.example": [in_an_hour()]})).run(send_id)
    world.do(pause, send_id)
    world.set(send_id, state=left, lease_until=world.now, in_doubt_since=None)
    world.do(cancel, send_id)
    world.later(minutes=3)
    world.sender(provider := Scripted()).run_due()
    expected = "cancelled" if left == "claimed" else "in_doubt"
    assert (world.states(send_id), provider.calls) == ({expected: 1}, [])
    assert world.sender(provider).run_due() == []


def test_a_paused_send_gives_back_what_a_dead_process_claimed(world: World) -> None:
    world.people(1)
    send_id = world.schedule()
    world.sender(Scripted(script={"p0@ville.example": [in_an_hour()]})).run(send_id)
    world.do(pause, send_id)
    world.set(send_id, state="claimed", lease_until=world.now)
    world.later(minutes=3)
    world.sender(Scripted()).run_due()
    assert world.states(send_id) == {"planned": 1}


class Keys(Scripted):
    """Remembers under which key each attempt came."""

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        self.keys = [*getattr(self, "keys", []), attempt_key]
        return super().send(batch, attempt_key=attempt_key)


def keys_of(world: World, *acts: Act) -> list[UUID]:
    world.people(1)
    send_id = world.schedule()
    provider = Keys(caps=A, script={"p0@ville.example": list(acts)})
    world.sender(provider).run(send_id)
    for _ in range(len(acts)):
        world.later(minutes=1)
        world.sender(provider).run_due()
    return provider.keys


def test_repetitions_of_a_doubt_have_the_key_of_the_attempt_that_was_lost(world: World) -> None:
    keys = keys_of(world, DROP, RETRY, DROP)
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_after_a_certain_refusal_the_key_is_a_new_one(world: World) -> None:
    refused, lost, repeated = keys_of(world, RETRY, DROP)
    assert refused != lost
    assert lost == repeated


def test_a_clock_that_was_set_back_does_not_change_the_key(world: World) -> None:
    """By the clock the first attempt, which was refused, ended after the doubt about the second began."""
    world.people(1)
    send_id = world.schedule()
    provider = Keys(caps=A, script={"p0@ville.example": [in_an_hour(), DROP]})
    world.sender(provider).run(send_id)
    for _ in range(2):
        world.later(hours=-5)
        world.set(send_id, not_before=None)
        world.sender(provider).run(send_id)
    refused, lost, *repeated = provider.keys
    assert refused != lost
    assert set(repeated) == {lost}


def test_an_answer_that_came_too_late_does_not_change_the_key(world: World) -> None:
    """The lease ended, another attempt was made under the same key, and only then the first was told to be refused."""
    world.people(1)
    send_id = world.schedule()
    provider = Keys(caps=A, script={"p0@ville.example": [DROP, DROP, in_an_hour()]})
    world.sender(provider).run(send_id)
    [row] = world.rows(send_id)
    result = SendResult(row.key, Status.RETRY)
    with world.store.write() as tx:
        tx.execute(attempt.update().where(attempt.c.n == 1).values(ended_at=None, outcome=""))
        first = Delivery.model_construct(id=row.id, attempts=0)
        attempts.conclude(tx, [(first, result)], at=world.now, late={row.id})
    world.later(minutes=2)
    world.set(send_id, not_before=None)
    world.sender(provider).run_due()
    assert len(provider.keys) > 3
    assert len(set(provider.keys)) == 1
