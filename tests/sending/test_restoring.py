"""A database that was set back to an earlier state does not send on its own: whoever already has a mail would get it again."""

import fcntl
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mailer.clock import FixedClock
from mailer.errors import StoreError
from mailer.model.columns import table
from mailer.model.ledger import Attempt
from mailer.model.mail import Capabilities, Resolved
from mailer.sending import pause, resume
from mailer.settings import ProviderSettings
from mailer.store import Store, installation
from mailer.tokens import Signer
from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses, campaign, send_table

attempt = table(Attempt)


def set_back(world: World) -> Callable[[], None]:
    """Take a backup now; the act that is given back restores it."""
    world.store.forget()
    path = Path(world.store.url.removeprefix("sqlite:///"))
    backup = shutil.copy(path, path.with_suffix(".backup"))

    def restore() -> None:
        world.store.close()
        for log in path.parent.glob(path.name + "-*"):
            log.unlink()
        shutil.copy(backup, path)

    return restore


def half_sent(world: World) -> tuple[int, Scripted]:
    world.people(8)
    send_id = world.schedule()
    world.changes["provider"] = ProviderSettings(rate="1000/s", threads=1)
    provider = Scripted(on_send=lambda message: world.do(pause, send_id) if not provider.calls else None)
    world.sender(provider).run(send_id)
    assert 0 < len(provider.journal) < 8
    return send_id, provider


def test_a_backup_from_the_middle_of_a_send_does_not_go_on(sqlite_world: World) -> None:
    world = sqlite_world
    send_id, provider = half_sent(world)
    world.do(resume, send_id)
    restore = set_back(world)
    provider.on_send = lambda message: None
    world.sender(provider).run_due()
    assert len(provider.journal) == 8
    restore()
    world.sender(again := Scripted()).run_due()
    assert again.calls == []
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "installation")
    world.do(resume, send_id)
    assert world.sender(again).run(send_id).state == "done"


def test_a_backup_from_before_a_send_holds_it(sqlite_world: World) -> None:
    world = sqlite_world
    world.people(2)
    first, second = world.schedule(), world.schedule(slug="2026-07", send_at=world.now + timedelta(days=1))
    restore = set_back(world)
    world.sender(Scripted()).run_due()
    restore()
    world.sender(again := Scripted()).run_due()
    assert ([world.send(each).state for each in (first, second)], again.calls) == (["held", "held"], [])


def test_a_released_backup_is_at_home_again_and_an_older_one_is_not(sqlite_world: World) -> None:
    world = sqlite_world
    world.people(2)
    first, second = (world.schedule(slug=each, send_at=world.now + timedelta(days=day))
                     for day, each in enumerate(("a", "b")))  # fmt: skip
    restore = set_back(world)
    world.sender(Scripted()).run_due()
    restore()
    world.sender(Scripted()).run_due()
    world.do(resume, first)
    world.sender(Scripted()).run_due()
    world.do(resume, second)
    world.later(days=1)
    world.sender(Scripted()).run_due()
    assert [world.send(each).state for each in (first, second)] == ["done", "done"]
    restore()
    world.sender(again := Scripted()).run_due()
    assert (world.send(first).state, again.calls) == ("held", [])


def test_a_backup_after_which_nothing_left_goes_on(sqlite_world: World) -> None:
    world = sqlite_world
    send_id, _ = half_sent(world)
    world.do(resume, send_id)
    set_back(world)()
    assert world.sender(Scripted()).run(send_id).state == "done"


def test_lost_attempts_are_seen_on_either_database(world: World) -> None:
    send_id, _ = half_sent(world)
    world.do(resume, send_id)
    with world.store.write() as tx:
        tx.execute(attempt.delete())
    world.sender(provider := Scripted()).run_due()
    assert (world.send(send_id).state, provider.calls) == ("paused", [])


def test_two_processes_keep_the_higher_mark(tmp_path: Path) -> None:
    one, other = installation.Mark(tmp_path), installation.Mark(tmp_path)
    one.raise_to((1, 7))
    other.raise_to((1, 5))
    assert installation.Mark(tmp_path).value == (1, 7)
    other.raise_to((2, 1))
    one.raise_to((1, 9))
    assert installation.Mark(tmp_path).value == (2, 1)


def test_a_process_that_is_suspended_over_the_mark_keeps_nobody_waiting(tmp_path: Path) -> None:
    one, other = installation.Mark(tmp_path), installation.Mark(tmp_path)
    one.raise_to((1, 7))
    with (tmp_path / installation.MARK_NAME).open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        other.raise_to((1, 9))
        assert installation.Mark(tmp_path).value == (1, 9)
    one.raise_to((1, 8))
    assert installation.Mark(tmp_path).value == (1, 9)


def test_a_worker_that_goes_on_meanwhile_is_no_restored_backup(
    postgresql_store: Store, clock: FixedClock, signer: Signer, tmp_path: Path
) -> None:
    """PostgreSQL lets another worker commit and mark its attempts between two looks of this one."""
    world = World(postgresql_store, clock, signer, tmp_path)
    send_id, _ = half_sent(world)
    [row, *_] = world.rows(send_id)
    mark, state = installation.Mark(world.settings.state), world.settings.state
    looked: list[str] = []

    def go_on(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "max(attempt.id)" in statement and not looked:
            looked.append(statement)
            with world.store.write() as tx:
                values = {"delivery_id": row.id, "n": 99, "epoch": 1, "started_at": world.now}
                tx.execute(attempt.insert().values(**values, outcome="", code="", evidence=""))
            with world.store.read() as tx:
                mark.raise_to(installation.reached(tx))

    event.listen(world.store.engine, "after_cursor_execute", go_on)
    with world.store.write() as tx:
        assert installation.is_ours(tx, state, at=world.now)
    assert looked


def test_two_first_starts_at_once_agree_on_one_id(
    postgresql_store: Store, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find neither row nor file. PostgreSQL keeps the row of one, and the file has to say the same."""
    both, drawn = threading.Barrier(2), iter(("first", "second"))

    def draw(_length: int) -> str:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return next(drawn)

    monkeypatch.setattr(installation, "random_text", draw)

    def begin() -> bool:
        with postgresql_store.write() as tx:
            ours = installation.is_ours(tx, tmp_path, at=clock.now())
        installation.confirm(postgresql_store, tmp_path)
        return ours

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(begin), pool.submit(begin)]] == [True, True]
    assert begin()


def test_without_a_place_for_the_mark_nothing_leaves(sqlite_world: World) -> None:
    world = sqlite_world
    world.people(2)
    send_id = world.schedule()
    (world.settings.state / installation.MARK_NAME).mkdir(parents=True)
    with pytest.raises(StoreError, match="mark"):
        world.sender(provider := Scripted()).run(send_id)
    assert provider.calls == []


@pytest.mark.parametrize("state", ["paused", "held", "missed"])
def test_a_letter_that_a_backup_knows_as_stopped_says_why_it_may_not_simply_go_on(
    sqlite_world: World, state: str
) -> None:
    """It went on and ended since; the backup is put back, and another letter is released: the database is at home again."""
    world = sqlite_world
    send_id, stopped, resumed = stopped_before_the_backup(world, state)
    several = campaign(slug="autre", one_per_day=False)
    other = world.schedule(campaign=several, slug="x", send_at=world.now + timedelta(hours=1))
    restore = set_back(world)
    resumed()
    restore()
    world.later(hours=1)
    world.sender(Scripted()).run_due()
    world.do(resume, other)
    world.sender(Scripted()).run_due()
    assert world.send(other).state == "done"
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == (stopped, "installation")
    world.do(resume, send_id)
    assert world.sender(Scripted()).run(send_id).state == "done"


def stopped_before_the_backup(world: World, state: str) -> tuple[int, str, Callable[[], None]]:
    """A letter that waits for a person, in that state, and the act by which it goes to everybody."""
    if state == "paused":
        send_id, provider = half_sent(world)
        provider.on_send = lambda message: None
    else:
        world.people(8)
        send_id, provider = world.schedule(), Scripted()
        with world.store.write() as tx:
            values = {"state": state, "pause_reason": "too-late"}
            tx.execute(send_table.update().where(send_table.c.id == send_id).values(**values))

    def go_on() -> None:
        world.do(resume, send_id)
        world.sender(provider).run(send_id)
        assert provider.addresses == addresses(range(8))

    return send_id, state, go_on


def test_a_released_letter_leaves_although_another_one_waits_with_a_doubt(sqlite_world: World) -> None:
    """The one that waits is looked after first: what a person has just released is not held anew by it."""
    world = sqlite_world
    send_id, provider = half_sent(world)
    provider.caps = Capabilities(can_resolve=True)
    world.set(send_id, state="in_doubt", in_doubt_since=world.now, attempts=1, first_attempt_at=world.now)
    several = campaign(slug="autre", one_per_day=False)
    other = world.schedule(campaign=several, slug="x", send_at=world.now + timedelta(hours=1))
    with world.store.write() as tx:
        tx.execute(attempt.delete())
    provider.resolved = Resolved.UNDECIDED
    world.later(hours=1)
    world.sender(provider).run_due()
    assert world.send(other).state == "held"
    world.do(resume, other)
    world.later(hours=1)
    world.sender(provider).run_due()
    assert world.send(other).state == "done"
