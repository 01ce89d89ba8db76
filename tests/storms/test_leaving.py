"""People leave at random moments of a running send: no intent is committed after their leaving was.

The order of commits is observed, not computed: right after a leaving is committed, the attempts that can be seen are noted. An
attempt that appears later was committed later, and would be a mail to somebody who had left.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from mailer import tracking
from mailer.clock import SystemClock
from mailer.errors import RefusedError
from mailer.model.ledger import Delivery, SendState
from mailer.model.mail import Kind, Message, ProviderEvent
from mailer.sending import Sender, resume
from mailer.settings import ProviderSettings
from mailer.store import Tx, deliveries, exclusions, sends
from mailer.subscribing import Choices, save, unsubscribe
from mailer.tracking.complaints import COMPLAINTS
from tests.sending.scripted import Scripted
from tests.sending.world import World, attempt

KNOWN = {"newsletter": "La lettre"}
#: By so many leavings a send may be ahead.
AHEAD = 6
Act = Callable[[Tx, Delivery, datetime], Any]


def one_click(tx: Tx, found: Delivery, at: datetime) -> None:
    unsubscribe(tx, found, topic="newsletter", everything=False, at=at, source="one-click")


def preference(tx: Tx, found: Delivery, at: datetime) -> None:
    save(tx, found, known=KNOWN, choices=Choices(frozenset(KNOWN), frozenset()), at=at)


def webhook(kind: Kind) -> Act:
    def act(tx: Tx, found: Delivery, at: datetime) -> None:
        event = ProviderEvent("scripted", kind, at, f"{kind}-{found.id}", key=found.key, smtp_code="5.1.1")
        assert tracking.record(tx, [event], at=at) == 1

    return act


def by_hand(tx: Tx, found: Delivery, at: datetime) -> None:
    assert exclusions.add(tx, address=found.address, scope="*", reason="by_hand", at=at, source="test")


ACTS = (
    one_click,
    preference,
    webhook(Kind.HARD_BOUNCE),
    webhook(Kind.COMPLAINT),
    webhook(Kind.UNSUBSCRIBE),
    by_hand,
)


@dataclass
class Leaver:
    """Leaves in the name of people, one after the other, while the send runs."""

    world: World
    rows: list[Any]
    dice: random.Random
    #: Delivery -> the attempts that were committed before its person had left, and the instant after the commit.
    left: dict[int, tuple[set[int], datetime]] = field(default_factory=dict)

    def run(self, running: Callable[[], bool], taken: Callable[[], int]) -> None:
        """Spread over the whole send: as many have left, of those who will, as have got their mail, of all."""
        planned = self.world.send(self.rows[0].send_id).planned
        for number, row in enumerate(self.rows):
            while running() and taken() < planned * (number - self.dice.random()) / len(self.rows):
                time.sleep(0.0005)
            self._leave(row, self.dice.choice(ACTS))

    def _leave(self, row: Any, act: Act) -> None:
        clock = SystemClock()
        with self.world.store.write() as tx:
            found = deliveries.find_by_key(tx, row.key)
            assert found is not None
            act(tx, found, clock.now())
        seen = select(attempt.c.n).where(attempt.c.delivery_id == row.id)
        with self.world.store.read() as tx:
            self.left[row.id] = (set(tx.execute(seen).scalars()), clock.now())


def leaving(world: World, *, people: int, leavers: int, seed: int) -> None:
    print(f"{leavers} of {people} leave on {world.store.engine.dialect.name}, seed {seed}")
    world.changes["provider"] = ProviderSettings(rate="10000/s", threads=4)
    world.people(people)
    dice, send_id = random.Random(seed), world.schedule(send_at=SystemClock().now())
    provider = Scripted()
    # The first message that leaves tells that the ledger is written; the send then never runs far ahead of the leavers.
    begun, lookers = threading.Event(), [world.sender(provider, clock=SystemClock()) for _ in range(2)]
    leaver = Leaver(world, [], dice)

    def on_send(_message: Message) -> None:
        begun.set()
        until = time.monotonic() + 60
        ahead = len(provider.journal) * leavers / people - AHEAD
        while len(leaver.left) < ahead and time.monotonic() < until:
            time.sleep(0.001)

    provider.on_send = on_send
    senders = [threading.Thread(target=whatever_is_said, args=[world, each, send_id]) for each in lookers]
    for thread in senders:
        thread.start()
    assert begun.wait(100)
    rows = dice.sample(world.rows(send_id), leavers)
    # Half of them are about to get it, half are far from it: those ahead of the send and those that it meets.
    rows.sort(key=lambda row: row.id + dice.randint(-30, 30))
    leaver.rows = rows
    leaver.run(lambda: any(each.is_alive() for each in senders), lambda: len(provider.journal))
    for thread in senders:
        thread.join()
    judge(world, send_id, leaver, provider)


def whatever_is_said(world: World, sender: Sender, send_id: int) -> None:
    """Complaints pause a send; somebody who has looked lets it go on, as often as they do."""
    sender.run(send_id, start_now=True)
    while world.send(send_id).state != SendState.DONE.value:
        # Whoever resumes second is refused.
        with contextlib.suppress(RefusedError), world.store.write() as tx:
            if sends.get(tx, send_id).pause_reason == COMPLAINTS:
                resume(tx, send_id, by="anne", at=SystemClock().now())
        sender.run(send_id)


def judge(world: World, send_id: int, leaver: Leaver, provider: Scripted) -> None:
    late: list[tuple[int, int]] = []
    stopped = in_time = 0
    for key, (seen, at) in leaver.left.items():
        late += [(key, each.n) for each in world.attempts(key) if each.n not in seen or each.started_at > at]
        in_time += bool(seen)
        stopped += not seen
    assert late == []
    states = world.states(send_id)
    print(f"{in_time} had their mail on its way before they left, {stopped} left first: {states}")
    assert states.get("excluded", 0) == stopped
    assert sum(states.values()) == states["accepted"] + stopped == world.send(send_id).planned
    assert set(provider.times_taken.values()) == {1}
    assert stopped
    assert in_time


@pytest.mark.timeout(300)
def test_sixty_people_leave_during_a_send_and_nothing_starts_afterwards(world: World) -> None:
    leaving(world, people=240, leavers=60, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_thousand_people_leave_during_a_send_and_nothing_starts_afterwards(world: World) -> None:
    leaving(world, people=3_000, leavers=1_000, seed=1)
