"""Killed anywhere, by name or by chance: everybody gets it, nobody twice. The folder of mails is the truth."""

import email
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.sending.failpoints import NAMES
from mailer.store import Store
from mailer.tokens import Signer
from tests.sending import process
from tests.sending.world import World, addresses, delivery

#: What a process that is killed by SIGKILL returns.
KILLED = -signal.SIGKILL


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    """A world whose clock is the machine's: other processes live in it."""
    return World(store, FixedClock(datetime.now(UTC)), Signer(process.SECRET), tmp_path)


def run(world: World, send_id: int, failpoint: str = "", doubt_class: str = "") -> int:
    running = process.begin(
        world.store.url, world.root, send_id, failpoint=failpoint, doubt_class=doubt_class
    )
    _, errors = running.communicate(timeout=100)
    assert running.returncode in {0, KILLED}, errors.decode()
    return running.returncode


def expire_leases(world: World) -> None:
    """What the dead process held is free, as if its lease had ended."""
    with world.store.write() as tx:
        held = delivery.update().where(delivery.c.lease_until.isnot(None))
        tx.execute(held.values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))


def received(world: World) -> list[str]:
    """To whom each mail in the folder went; a mail that came twice stands there twice."""
    found = [
        email.message_from_bytes(path.read_bytes(), policy=default)["To"].addresses[0].addr_spec
        for path in (world.root / "mails" / "new").glob("*")
    ]
    return sorted(found)


def everybody_got_one(world: World, send_id: int, count: int) -> None:
    assert Counter(received(world)) == Counter(addresses(range(count)))
    assert world.states(send_id) == {"accepted": count}
    assert world.send(send_id).planned == count
    assert world.send(send_id).state == "done"


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_a_failpoint_and_run_again(world: World, name: str) -> None:
    world.people(12)
    send_id = world.schedule()
    assert run(world, send_id, failpoint=name) == KILLED
    if name.startswith("starting"):
        assert (world.send(send_id).state, world.rows(send_id)) == ("scheduled", [])
    expire_leases(world)
    assert run(world, send_id) == 0
    everybody_got_one(world, send_id, 12)


@pytest.mark.parametrize("name", ["after-intent", "after-request", "after-accepted"])
def test_class_b_asks_about_what_was_on_its_way_and_everybody_gets_one(world: World, name: str) -> None:
    """The provider would keep a second copy too: what it has is found, what it has not is handed over."""
    world.people(12)
    send_id = world.schedule()
    assert run(world, send_id, failpoint=name, doubt_class="B") == KILLED
    expire_leases(world)
    assert run(world, send_id, doubt_class="B") == 0
    assert run(world, send_id, doubt_class="B") == 0
    everybody_got_one(world, send_id, 12)


@pytest.mark.parametrize("name", ["after-intent", "after-request", "after-accepted"])
@pytest.mark.parametrize("doubt_class", ["B'", "C"])
def test_without_a_look_up_a_doubt_is_shown_and_nobody_gets_two(
    world: World, name: str, doubt_class: str
) -> None:
    """Nobody is told to have got it, or not to have got it, of whom that is not sure."""
    world.people(12)
    send_id = world.schedule()
    assert run(world, send_id, failpoint=name, doubt_class=doubt_class) == KILLED
    expire_leases(world)
    assert run(world, send_id, doubt_class=doubt_class) == 0
    got, states = Counter(received(world)), world.states(send_id)
    assert set(got.values()) == {1}
    assert states["accepted"] + states.get("in_doubt", 0) == world.send(send_id).planned == 12
    accepted = {row.address for row in world.rows(send_id) if row.state == "accepted"}
    assert accepted <= set(got)
    assert states.get("in_doubt", 0) >= 1


def test_every_failpoint_stands_somewhere_in_the_code() -> None:
    from tests.conftest import REPOSITORY

    source = "".join(path.read_text() for path in (REPOSITORY / "mailer" / "sending").glob("*.py"))
    assert all(f'failpoint("{name}")' in source for name in NAMES)


def storm(world: World, *, people: int, kills: int, seed: int, doubt_class: str = "") -> None:
    """Kill the sender at random moments after it began to hand over; then let it end."""
    world.people(people)
    send_id, dice = world.schedule(), random.Random(seed)
    for kill in range(kills):
        running = process.begin(world.store.url, world.root, send_id, doubt_class=doubt_class)
        enough = people * (kill + dice.random()) / (kills + 1)
        until = time.monotonic() + 60
        while len(received_names(world)) < enough and running.poll() is None:
            assert time.monotonic() < until, "the sender does not get on"
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        expire_leases(world)
    for _ in range(2 if doubt_class else 1):  # what a look-up finds absent leaves with the next run
        assert run(world, send_id, doubt_class=doubt_class) == 0
    everybody_got_one(world, send_id, people)


def received_names(world: World) -> list[Path]:
    return list((world.root / "mails" / "new").glob("*"))


@pytest.mark.timeout(300)
def test_ten_kills_at_random_where_the_provider_would_keep_a_second_copy(world: World) -> None:
    storm(world, people=400, kills=10, seed=1214, doubt_class="B")


@pytest.mark.timeout(300)
def test_eight_kills_at_random_neither_double_nor_forget_anybody(world: World) -> None:
    storm(world, people=400, kills=8, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_kills_neither_double_nor_forget_anybody(world: World, seed: int) -> None:
    storm(world, people=3000, kills=20, seed=seed)
