"""When an anonymous send ends, what ties a pixel's token to a person is gone: from the rows, and from every file."""

from pathlib import Path

import pytest
from sqlalchemy import text

from mailer.model.mail import Capabilities
from mailer.sending import cancel, pause
from mailer.settings import ProviderSettings
from mailer.store import Store
from tests.sending.scripted import DROP, LOST_REPLY, Scripted, in_an_hour
from tests.sending.world import Tracking, World, campaign

ANONYMOUS = campaign(tracking=Tracking.ANONYMOUS)


def begun(world: World, provider: Scripted) -> tuple[int, bytes]:
    """An anonymous send that was handed over, with a doubt that keeps it open; and its secret."""
    world.people(3)
    send_id = world.schedule(campaign=ANONYMOUS)
    world.sender(provider).run(send_id)
    secret = world.secret(send_id)
    assert len(secret) == 1024
    return send_id, secret


def hashes(world: World, send_id: int) -> set[str]:
    return {row.request_hash for row in world.rows(send_id)}


def on_disk(store: Store, words: bytes) -> list[str]:
    """The files of this SQLite database that hold these words; its log is one of them."""
    path = Path(store.url.removeprefix("sqlite:///"))
    return [each.name for each in path.parent.glob(path.name + "*") if words in each.read_bytes()]


def in_doubt(**caps: bool) -> Scripted:
    return Scripted(caps=Capabilities(**caps), script={"p0@ville.example": [LOST_REPLY]})


def test_the_hash_of_a_copy_goes_with_the_secret(world: World) -> None:
    """It covers the token: whoever has a web server's log could try each token in each person's copy."""
    provider = in_doubt()
    send_id, _ = begun(world, provider)
    assert len(hashes(world, send_id)) == 3
    world.later(hours=25)
    world.sender(provider).run(send_id)
    assert (world.send(send_id).state, world.secret(send_id)) == ("done", b"")
    assert hashes(world, send_id) == {""}


def test_a_cancelled_send_forgets_them_too(world: World) -> None:
    world.people(3)
    world.changes["provider"] = ProviderSettings(rate="1000/s", threads=1)
    send_id = world.schedule(campaign=ANONYMOUS)
    provider = Scripted(on_send=lambda message: world.do(pause, send_id) if not provider.calls else None)
    world.sender(provider).run(send_id)
    assert hashes(world, send_id) != {""}
    world.do(cancel, send_id)
    assert (world.secret(send_id), hashes(world, send_id)) == (b"", {""})


@pytest.mark.parametrize("mode", [Tracking.NONE, Tracking.CONSENTED])
def test_elsewhere_the_hashes_stay_as_evidence(world: World, mode: Tracking) -> None:
    world.people(2, tracking="granted")
    send_id = world.schedule(campaign=campaign(tracking=mode))
    world.sender(Scripted()).run(send_id)
    assert world.send(send_id).state == "done"
    assert len(hashes(world, send_id)) == 2


def test_the_end_of_a_send_empties_every_file_of_its_secret(sqlite_world: World) -> None:
    world, provider = sqlite_world, in_doubt()
    send_id, secret = begun(world, provider)
    assert on_disk(world.store, secret)
    world.later(hours=25)
    world.sender(provider).run_due()
    assert world.send(send_id).state == "done"
    assert on_disk(world.store, secret) == []


def test_a_cancellation_empties_every_file_at_the_next_tick(sqlite_world: World) -> None:
    world = sqlite_world
    send_id, secret = begun(world, in_doubt())
    with world.store.write() as tx:
        tx.execute(text("UPDATE send SET state = 'paused'"))
    world.do(cancel, send_id)
    world.sender(Scripted()).run_due()
    assert on_disk(world.store, secret) == []


def test_whoever_reads_meanwhile_only_puts_it_off(sqlite_world: World) -> None:
    """An older look at the database keeps the log; the next tick empties it."""
    world, provider = sqlite_world, Scripted(script={"p0@ville.example": [DROP]})
    send_id, secret = begun(world, provider)
    sender = world.sender(provider)
    world.later(hours=25)
    with world.store.read() as tx:
        tx.execute(text("SELECT count(*) FROM send"))
        sender.run_due()
        assert world.send(send_id).state == "done"
        assert on_disk(world.store, secret)
    sender.run_due()
    assert on_disk(world.store, secret) == []


def test_a_process_that_died_before_it_emptied_the_log_leaves_that_to_the_next(sqlite_world: World) -> None:
    world, provider = sqlite_world, in_doubt()
    send_id, secret = begun(world, provider)
    with world.store.read() as tx:
        tx.execute(text("SELECT count(*) FROM send"))
        world.later(hours=25)
        world.sender(provider).run(send_id)
    assert on_disk(world.store, secret)
    world.sender(provider).run_due()
    assert on_disk(world.store, secret) == []


def test_the_log_is_emptied_also_after_the_clock_was_set_back(sqlite_world: World) -> None:
    """The second send ends, by the clock, before the first one did; the same sender has emptied the log for that one."""
    world = sqlite_world
    world.people(3)
    several = campaign(tracking=Tracking.ANONYMOUS, one_per_day=False)
    sender = world.sender(provider := Scripted())
    sender.run(world.schedule(campaign=several))
    world.later(hours=-2)
    provider.script["p0@ville.example"] = [in_an_hour()]
    second = world.schedule(campaign=several, slug="2026-07")
    sender.run(second)
    secret = world.secret(second)
    assert secret
    world.later(minutes=70)
    sender.run_due()
    assert world.send(second).state == "done"
    assert on_disk(world.store, secret) == []
