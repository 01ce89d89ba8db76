"""Killed anywhere, by name or by chance: everybody gets it, nobody twice. The folder of mails is the truth."""

import email
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.policy import default
from itertools import product
from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.failpoints import FULL_DISK, RECORDING, SENDING
from mailer.sending import resume
from mailer.store import Store
from mailer.tokens import Signer
from tests.conftest import REPOSITORY
from tests.nursery import KILLED, Child, Nursery
from tests.sending import process
from tests.sending.folder import WHILE_REQUEST
from tests.sending.world import World, addresses, delivery

PEOPLE = 12
#: How a process ends that the database refused.
FAILED = 1
#: See docs/reference/sending.md: what each does with a doubt.
CLASSES = ("A", "B", "B'", "C")
HANDING_OVER = [name for name in SENDING if not name.startswith("starting")]
#: Maildir keeps a file under its key or does not: there is no while.
MATRIX = [*product(HANDING_OVER, CLASSES), *product([WHILE_REQUEST], CLASSES[1:])]


@dataclass
class Theatre(World):
    """A world whose clock is the machine's: other processes live in it."""

    nursery: Nursery = field(kw_only=True)

    def begin(self, send_id: int, failpoint: str = "", doubt_class: str = "A") -> Child:
        return process.begin(self.nursery, self, send_id, failpoint=failpoint, doubt_class=doubt_class)

    def run(self, send_id: int, failpoint: str = "", doubt_class: str = "A") -> int:
        """How the process ended: by itself, or killed at its failpoint."""
        running = self.begin(send_id, failpoint, doubt_class)
        status = running.wait()
        assert status in {0, KILLED} or failpoint in FULL_DISK, running.err
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

    def judge_what_is_left(self, send_id: int, name: str) -> None:
        """What the dead process left behind, before anybody looks."""
        states = self.states(send_id)
        if name == "after-claim":
            assert states == {"planned": PEOPLE}
        elif name != "after-accepted":
            assert states["posting"] + states.get("claimed", 0) == PEOPLE
        if name in {"after-claim", "after-intent"}:
            assert self.mails == []

    def judge(self, send_id: int, doubt_class: str, *, may_doubt: bool) -> None:
        """What each class promises: A and B everybody, B' and C nobody twice, and a doubt for whoever may have none."""
        if doubt_class in {"A", "B"} or not may_doubt:
            self.everybody_got_one(send_id, PEOPLE)
            return
        got, states = self.received(), self.states(send_id)
        assert set(got.values()) == {1}
        assert states["accepted"] + states["in_doubt"] == self.send(send_id).planned == PEOPLE
        assert {row.address for row in self.rows(send_id) if row.state == "accepted"} <= set(got)

    def everybody_got_one(self, send_id: int, count: int) -> None:
        assert self.received() == Counter(addresses(range(count)))
        assert self.states(send_id) == {"accepted": count}
        assert (self.send(send_id).planned, self.send(send_id).state) == (count, "done")


@pytest.fixture
def world(store: Store, tmp_path: Path, nursery: Nursery) -> Theatre:
    return Theatre(store, FixedClock(datetime.now(UTC)), Signer(process.SECRET), tmp_path, nursery=nursery)


@pytest.mark.parametrize("name", ["starting-before", "starting-during"])
def test_killed_while_it_starts_nothing_is_written_and_it_starts_again(world: Theatre, name: str) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    assert world.run(send_id, failpoint=name) == KILLED
    assert (world.send(send_id).state, world.rows(send_id)) == ("scheduled", [])
    assert world.run(send_id) == 0
    world.everybody_got_one(send_id, PEOPLE)


@pytest.mark.parametrize(("name", "doubt_class"), MATRIX)
def test_killed_at_a_failpoint_and_run_again(world: Theatre, name: str, doubt_class: str) -> None:
    """All but Maildir, which is class A, would keep a second copy."""
    world.people(PEOPLE)
    send_id = world.schedule()
    assert world.run(send_id, failpoint=name, doubt_class=doubt_class) == KILLED
    world.judge_what_is_left(send_id, name)
    world.expire_leases()
    assert world.run(send_id, doubt_class=doubt_class) == 0
    if doubt_class == "B":  # what a look-up finds absent leaves with the next run
        assert world.run(send_id, doubt_class=doubt_class) == 0
    world.judge(send_id, doubt_class, may_doubt=name != "after-claim")


@pytest.mark.parametrize("doubt_class", CLASSES)
def test_a_disk_that_is_full_at_an_intent_lets_no_request_out(world: Theatre, doubt_class: str) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    assert world.run(send_id, failpoint="full-at-intent", doubt_class=doubt_class) == FAILED
    assert world.mails == []
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "storage")
    world.do(resume, send_id)
    assert world.run(send_id, doubt_class=doubt_class) == 0
    world.everybody_got_one(send_id, PEOPLE)


@pytest.mark.parametrize("doubt_class", CLASSES)
def test_a_disk_that_is_full_at_the_record_leaves_a_doubt(world: Theatre, doubt_class: str) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    assert world.run(send_id, failpoint="full-at-record", doubt_class=doubt_class) == FAILED
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "storage")
    assert len(world.mails) == world.states(send_id)["posting"]
    world.expire_leases()
    world.do(resume, send_id)
    for _ in range(2):
        assert world.run(send_id, doubt_class=doubt_class) == 0
    world.judge(send_id, doubt_class, may_doubt=True)
    assert sorted(world.received()) == addresses(range(PEOPLE))


def test_every_failpoint_stands_once_in_the_code() -> None:
    source = "".join(path.read_text("utf-8") for path in (REPOSITORY / "mailer").rglob("*.py"))
    assert all(source.count(f'failpoint("{name}")') == 1 for name in (*SENDING, *RECORDING))
    assert all(source.count(f'full_disk("{name}")') == 1 for name in FULL_DISK)


def storm(world: Theatre, *, people: int, kills: int, seed: int, doubt_class: str = "A") -> None:
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
    for _ in range(2 if doubt_class == "B" else 1):  # what a look-up finds absent leaves with the next run
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
