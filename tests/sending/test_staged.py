"""A staged send: the first copies leave, then a person looks; nothing lets another one out before."""

import threading
from datetime import timedelta

from mailer.model.mail import Kind, ProviderEvent
from mailer.sending import cancel, pause, resume
from mailer.store import deliveries, handovers, stages
from mailer.store.stages import StageCounts
from mailer.tracking import record
from tests.conftest import NOW
from tests.sending.intents import guard_of
from tests.sending.scripted import Scripted, in_an_hour
from tests.sending.world import World, addresses, campaign, delivery, send_table

FIRST = 5


def staged(world: World, *, people: int = 12) -> int:
    world.people(people)
    return world.schedule(campaign=campaign(staged=FIRST))


def where(world: World, send_id: int) -> tuple[str, str, str]:
    send = world.send(send_id)
    return send.state, send.pause_reason, "stage" if send.stage_until else "all"


def test_the_first_leave_and_the_others_wait_for_a_person(world: World) -> None:
    send_id, provider = staged(world), Scripted()
    world.sender(provider).run(send_id)
    assert where(world, send_id) == ("paused", "staged", "stage")
    assert provider.addresses == addresses(range(FIRST))
    world.later(days=1)
    world.sender(provider).run_due()
    world.sender(provider).run(send_id)
    assert len(provider.journal) == FIRST
    world.do(resume, send_id)
    assert where(world, send_id) == ("sending", "", "all")
    assert world.sender(provider).run(send_id).state == "done"
    assert provider.addresses == addresses(range(12))


def test_two_senders_at_once_let_only_the_first_out(world: World) -> None:
    send_id, provider, ready = staged(world, people=40), Scripted(), threading.Barrier(2)

    def work() -> None:
        ready.wait()
        world.sender(provider).run(send_id)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.sender(provider).run(send_id)
    assert where(world, send_id) == ("paused", "staged", "stage")
    assert provider.addresses == addresses(range(FIRST))


def test_an_intent_beyond_the_stage_is_not_written(world: World) -> None:
    """Whatever was claimed: the statement that lets a byte leave reads the stage itself."""
    send_id = staged(world)
    world.sender(Scripted(script={each: [in_an_hour()] for each in addresses(range(12))})).run(send_id)
    until = world.send(send_id).stage_until
    beyond = next(row for row in world.rows(send_id) if row.id > until)
    lease = timedelta(seconds=60)
    with world.store.write() as tx:
        tx.execute(
            delivery.update()
            .where(delivery.c.id == beyond.id)
            .values(state="claimed", owner="me", lease_until=world.now + lease)
        )
    guard = guard_of(world, send_id)
    for gone_on in (False, True):
        with world.store.write() as tx:
            if gone_on:
                tx.execute(send_table.update().values(stage_until=None))
            mine = deliveries.find_by_key(tx, beyond.key)
            assert mine is not None
            assert (
                bool(handovers.intend(tx, [(mine, "h")], guard=guard, at=world.now, lease=lease)) is gone_on
            )


def test_a_retry_of_the_first_is_waited_for_before_the_rest(world: World) -> None:
    send_id = staged(world)
    script = {address: [in_an_hour()] for address in addresses([0])}
    world.sender(Scripted(script=script)).run(send_id)
    assert where(world, send_id) == ("sending", "", "stage")
    assert world.states(send_id) == {"accepted": FIRST - 1, "planned": 12 - FIRST + 1}
    world.later(hours=1)
    world.sender(provider := Scripted()).run(send_id)
    assert provider.addresses == addresses([0])
    assert where(world, send_id) == ("paused", "staged", "stage")


def test_a_pause_of_ones_own_does_not_open_the_stage(world: World) -> None:
    send_id = staged(world)
    world.sender(Scripted(script={address: [in_an_hour()] for address in addresses([0])})).run(send_id)
    world.do(pause, send_id)
    world.do(resume, send_id)
    assert where(world, send_id) == ("sending", "", "stage")


def test_an_audience_within_the_stage_leaves_at_once(world: World) -> None:
    send_id = staged(world, people=FIRST)
    assert world.sender(Scripted()).run(send_id).state == "done"


def test_what_became_of_the_first_is_counted(world: World) -> None:
    send_id = staged(world)
    world.sender(Scripted()).run(send_id)
    kinds = {"p0": Kind.DELIVERED, "p1": Kind.HARD_BOUNCE, "p2": Kind.COMPLAINT}
    keys = {world.row(send_id, f"{name}@ville.example").key: kind for name, kind in kinds.items()}
    with world.store.write() as tx:
        news = [ProviderEvent("postal", kind, NOW, dedupe=key, key=key) for key, kind in keys.items()]
        record(tx, news, at=NOW)
        assert stages.counts(tx, send_id) == StageCounts(FIRST, FIRST, 0, 0, 1, 1, 1)
    assert where(world, send_id) == ("paused", "staged", "stage")


def test_whoever_does_not_like_what_they_see_cancels(world: World) -> None:
    send_id, provider = staged(world), Scripted()
    world.sender(provider).run(send_id)
    world.do(cancel, send_id)
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": FIRST, "cancelled": 12 - FIRST}
    assert len(provider.journal) == FIRST
