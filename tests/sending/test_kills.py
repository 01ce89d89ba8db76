"""Killed anywhere, by name or by chance: everybody gets it, nobody twice. The folder of mails is the truth."""

import email
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.sending.failpoints import NAMES
from mailer.store import Store
from mailer.tokens import Signer
from tests.nursery import KILLED, Child, Nursery
from tests.sending import process
from tests.sending.world import World, addresses, delivery


@dataclass
class Theatre(World):
    """A world whose clock is the machine's: other processes live in it."""

    nursery: Nursery = field(kw_only=True)

    def begin(self, send_id: int, failpoint: str = "", doubt_class: str = "") -> Child:
        return process.begin(self.nursery, self, send_id, failpoint=failpoint, doubt_class=doubt_class)

    def run(self, send_id: int, failpoint: str = "", doubt_class: str = "") -> int:
        """How the process ended: by itself, or killed at its failpoint."""
        running = self.begin(send_id, failpoint, doubt_class)
        status = running.wait()
        assert status in {0, KILLED}, running.err
        return status

    def expire_leases(self) -> None:
        """What the dead process held is free, as if its lease had ended."""
        with self.store.write() as tx:
            held = delivery.update().where(delivery.c.lease_until.isnot(None))
            tx.execute(held.values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))

    @property
    def mails(self) -> list[Path]:
        return list((self.root / "mails" / "new").glob("*"))

    def received(self) -> Counter[str]:
        """How many mails in the folder went to whom."""
        read = (email.message_from_bytes(path.read_bytes(), policy=default) for path in self.mails)
        return Counter(mail["To"].addresses[0].addr_spec for mail in read)

    def everybody_got_one(self, send_id: int, count: int) -> None:
        assert self.received() == Counter(addresses(range(count)))
        assert self.states(send_id) == {"accepted": count}
        assert (self.send(send_id).planned, self.send(send_id).state) == (count, "done")


@pytest.fixture
def world(store: Store, tmp_path: Path, nursery: Nursery) -> Theatre:
    return Theatre(store, FixedClock(datetime.now(UTC)), Signer(process.SECRET), tmp_path, nursery=nursery)


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_a_failpoint_and_run_again(world: Theatre, name: str) -> None:
    world.people(12)
    send_id = world.schedule()
    assert world.run(send_id, failpoint=name) == KILLED
    if name.startswith("starting"):
        assert (world.send(send_id).state, world.rows(send_id)) == ("scheduled", [])
    world.expire_leases()
    assert world.run(send_id) == 0
    world.everybody_got_one(send_id, 12)


@pytest.mark.parametrize("name", ["after-intent", "after-request", "after-accepted"])
def test_class_b_asks_about_what_was_on_its_way_and_everybody_gets_one(world: Theatre, name: str) -> None:
    """The provider would keep a second copy too: what it has is found, what it has not is handed over."""
    world.people(12)
    send_id = world.schedule()
    assert world.run(send_id, failpoint=name, doubt_class="B") == KILLED
    world.expire_leases()
    assert world.run(send_id, doubt_class="B") == 0
    assert world.run(send_id, doubt_class="B") == 0
    world.everybody_got_one(send_id, 12)


@pytest.mark.parametrize("name", ["after-intent", "after-request", "after-accepted"])
@pytest.mark.parametrize("doubt_class", ["B'", "C"])
def test_without_a_look_up_a_doubt_is_shown_and_nobody_gets_two(
    world: Theatre, name: str, doubt_class: str
) -> None:
    """Nobody is told to have got it, or not to have got it, of whom that is not sure."""
    world.people(12)
    send_id = world.schedule()
    assert world.run(send_id, failpoint=name, doubt_class=doubt_class) == KILLED
    world.expire_leases()
    assert world.run(send_id, doubt_class=doubt_class) == 0
    got, states = world.received(), world.states(send_id)
    assert set(got.values()) == {1}
    assert states["accepted"] + states.get("in_doubt", 0) == world.send(send_id).planned == 12
    accepted = {row.address for row in world.rows(send_id) if row.state == "accepted"}
    assert accepted <= set(got)
    assert states.get("in_doubt", 0) >= 1


def test_every_failpoint_stands_somewhere_in_the_code() -> None:
    from tests.conftest import REPOSITORY

    source = "".join(path.read_text() for path in (REPOSITORY / "mailer" / "sending").glob("*.py"))
    assert all(f'failpoint("{name}")' in source for name in NAMES)


def storm(world: Theatre, *, people: int, kills: int, seed: int, doubt_class: str = "") -> None:
    """Kill the sender at random moments after it began to hand over; then let it end."""
    world.people(people)
    send_id, dice = world.schedule(), random.Random(seed)
    for kill in range(kills):
        running = world.begin(send_id, doubt_class=doubt_class)
        enough = people * (kill + dice.random()) / (kills + 1)
        until = time.monotonic() + 60
        while len(world.mails) < enough and running.poll() is None:
            assert time.monotonic() < until, "the sender does not get on"
            time.sleep(0.005)
        running.kill()
        world.expire_leases()
    for _ in range(2 if doubt_class else 1):  # what a look-up finds absent leaves with the next run
        assert world.run(send_id, doubt_class=doubt_class) == 0
    world.everybody_got_one(send_id, people)


@pytest.mark.timeout(300)
def test_ten_kills_at_random_where_the_provider_would_keep_a_second_copy(world: Theatre) -> None:
    storm(world, people=160, kills=10, seed=1214, doubt_class="B")


@pytest.mark.timeout(300)
def test_eight_kills_at_random_neither_double_nor_forget_anybody(world: Theatre) -> None:
    storm(world, people=160, kills=8, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_kills_neither_double_nor_forget_anybody(world: Theatre, seed: int) -> None:
    storm(world, people=3000, kills=20, seed=seed)
