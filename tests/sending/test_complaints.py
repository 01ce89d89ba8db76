"""Complaints: a warning from one in a thousand, a pause and a question from three in a thousand of what was accepted."""

import pytest
from structlog.testing import capture_logs

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.mail import Kind, ProviderEvent
from mailer.sending import resume
from mailer.tracking import record
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import World, send_table


def taken(world: World, count: int) -> int:
    """A send that goes on, of which so many copies were accepted."""
    world.people(count)
    send_id = world.schedule()
    world.sender(Scripted()).run(send_id)
    with world.store.write() as tx:
        tx.execute(send_table.update().values(state="sending"))
    return send_id


def complain(world: World, send_id: int, *numbers: int) -> None:
    keys = [world.row(send_id, f"p{number}@ville.example").key for number in numbers]
    with world.store.write() as tx:
        record(
            tx, [ProviderEvent("postal", Kind.COMPLAINT, NOW, dedupe=key, key=key) for key in keys], at=NOW
        )


def state(world: World, send_id: int) -> tuple[str, str]:
    send = world.send(send_id)
    return send.state, send.pause_reason


def test_three_in_a_thousand_pause_the_send(sqlite_world: World) -> None:
    world = sqlite_world
    send_id = taken(world, 1000)
    complain(world, send_id, 1, 2)
    assert state(world, send_id) == ("sending", "")
    epoch = world.send(send_id).epoch
    complain(world, send_id, 3)
    assert state(world, send_id) == ("paused", "complaints")
    assert world.send(send_id).epoch == epoch + 1


def test_one_in_a_thousand_warns(sqlite_world: World) -> None:
    send_id = taken(sqlite_world, 1000)
    with capture_logs() as logs:
        complain(sqlite_world, send_id, 1)
    assert [(each["event"], each["log_level"]) for each in logs] == [("complaints", "warning")]


def test_whoever_resumes_is_not_asked_about_the_same_again(sqlite_world: World) -> None:
    world = sqlite_world
    send_id = taken(world, 300)
    complain(world, send_id, 1)
    assert state(world, send_id) == ("paused", "complaints")
    world.do(resume, send_id)
    complain(world, send_id, 1)
    complain(world, send_id, 2)
    assert state(world, send_id) == ("sending", "")


def test_a_send_that_is_over_is_not_paused(world: World) -> None:
    world.people(10)
    send_id = world.schedule()
    world.sender(Scripted()).run(send_id)
    complain(world, send_id, 1)
    assert state(world, send_id) == ("done", "")


@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.HARD_BOUNCE, Kind.UNSUBSCRIBE])
def test_nothing_but_complaints_pauses(world: World, kind: Kind) -> None:
    send_id = taken(world, 10)
    key = world.rows(send_id)[0].key
    with world.store.write() as tx:
        record(tx, [ProviderEvent("postal", kind, NOW, dedupe="one", key=key)], at=NOW)
    assert state(world, send_id) == ("sending", "")


def test_complaints_at_once_count_together(world: World) -> None:
    send_id = taken(world, 10)
    complain(world, send_id, 1, 2, 3)
    assert state(world, send_id) == ("paused", "complaints")
    with world.store.read() as tx:
        assert (
            len(tx.execute(table(Delivery).select().where(table(Delivery).c.outcome == "complained")).all())
            == 3
        )
