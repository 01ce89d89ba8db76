"""One storm: three workers on one send, killed at random, until the send has ended; then the journal is opened."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from mailer.clock import FixedClock
from mailer.errors import StoreConflict
from mailer.sending import send_again
from mailer.store import Store, deliveries
from mailer.tokens import Signer
from tests.conftest import REPOSITORY
from tests.nursery import KILLED, Child, Nursery
from tests.sending.world import World, addresses, delivery
from tests.storms import labour
from tests.storms.clocks import SharedClock
from tests.storms.hooks import Hooks
from tests.storms.providers import connect
from tests.talking import Talking

WORKERS = 3
#: Virtual seconds between two looks at a send that has nothing to hand over: class A well within a key's life, class B
#: past the settling time, and past "asked again".
TICK = {"brevo": 20, "mailjet": 310, "sweego": 910, "postal": 310, "smtp": 310}
MOST_TICKS = 60
#: Every kill comes before so much of the audience has its mail: some doubts are settled only afterwards.
REACHED = 0.85


@dataclass
class Storm:
    """The ledger, the provider, the workers; `kills` are those of workers that were at work."""

    kind: str
    world: World
    clock: SharedClock
    send_id: int
    people: int
    dice: random.Random
    provider: Talking
    nursery: Nursery
    work: labour.Work
    hooks: Hooks | None = None
    #: Classes B' and C; class A too where keys grow too old.
    doubts_may_stay: bool = False
    kills: int = 0
    alive: list[Child] = field(default_factory=list)

    # --- what happens -----------------------------------------------------------------------------

    def run(self, kills: int) -> None:
        """Kill that often while three work; then let one alone bring it to its end."""
        self.alive = [self.fork() for _ in range(WORKERS)]
        for kill in range(kills):
            if not self.wait_for(REACHED * self.people * (kill + self.dice.random()) / kills):
                break
            time.sleep(self.dice.random() * 0.03)
            self.kill(self.dice.randrange(WORKERS))
        for worker in self.alive:
            assert worker.wait() == 0, worker.err
        self.settle()

    def wait_for(self, taken: float) -> bool:
        """Until the provider has taken so many; False when no worker has anything left to do now."""
        while self.count() < taken:
            if all(worker.poll() is not None for worker in self.alive):
                return False
            time.sleep(0.003)
        return True

    def kill(self, which: int) -> None:
        worker = self.alive[which]
        self.kills += worker.kill() == KILLED
        self.expire(worker)
        self.adds_up()
        self.alive[which] = self.fork()

    def settle(self) -> None:
        """The last faults pass, doubts are settled as the class can; the clock moves while nothing is on its way."""
        for tick in range(MOST_TICKS):
            if tick == 3:
                self.ask("calm")
            if self.kind != "postal":
                self.ask("quiet")
            if self.world.send(self.send_id).state == "done" or (tick > 6 and self.only_doubts_left()):
                return
            self.clock.forward(TICK[self.kind])
            assert self.fork().wait() == 0
        raise AssertionError(f"the send does not end: {self.states()}")

    def only_doubts_left(self) -> bool:
        return self.doubts_may_stay and set(self.states()) <= {"accepted", "refused", "in_doubt"}

    def decide(self) -> None:
        """A person lets what is in doubt be sent again, once every report has come; with the weather calm."""
        self.ask("quiet")
        if self.states().get("in_doubt"):
            self.world.do(send_again, self.send_id)
            assert self.fork().wait() == 0
            self.ask("quiet")

    # --- what is asked ----------------------------------------------------------------------------

    def adds_up(self) -> None:
        """I4, and as many are accepted here as the provider has, at the most."""
        with self.world.store.read() as tx:
            counted = deliveries.counts(tx, self.send_id)
        state = self.world.send(self.send_id).state
        assert state in {"scheduled", "sending", "settling", "done"}, self.world.send(
            self.send_id
        ).pause_reason
        started = state != "scheduled"
        assert sum(counted.values()) == (self.people if started else 0), counted
        assert self.world.send(self.send_id).planned == sum(counted.values())
        assert counted.get("accepted", 0) <= self.count()

    def states(self) -> dict[str, int]:
        with self.world.store.read() as tx:
            return deliveries.counts(tx, self.send_id)

    def of(self, *states: str) -> set[str]:
        return {row.address for row in self.world.rows(self.send_id) if row.state in states}

    def journal(self) -> Counter[str]:
        return Counter(self.ask("journal"))

    @property
    def everybody(self) -> set[str]:
        return set(addresses(range(self.people)))

    def count(self) -> int:
        found = self.ask("count")
        assert isinstance(found, int)
        return found

    # --- how --------------------------------------------------------------------------------------

    def ask(self, line: str) -> object:
        return self.provider.ask(line)

    def fork(self) -> Child:
        return self.nursery.start("tests.storms.labour:labour", asdict(self.work))

    def expire(self, worker: Child) -> None:
        """What the dead worker held is free, as if its lease had ended; the others' leases run."""
        held = delivery.c.owner.contains(f":{worker.pid}:")
        while True:
            # PostgreSQL may undo it in favour of a worker's act: then again.
            with suppress(StoreConflict), self.world.store.write() as tx:
                tx.execute(update(delivery).where(held).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
                break


@contextmanager
def storm(
    kind: str, store: Store, folder: Path, nursery: Nursery, *, people: int, seed: int
) -> Iterator[Storm]:
    """Everything in place: the provider's process runs, the send is due."""
    print(f"storm {kind} on {store.engine.dialect.name}: {people} people, seed {seed}")
    clock = SharedClock(folder / "clock")
    world = World(store, FixedClock(datetime.now(UTC)), Signer(labour.SECRET), folder)
    world.people(people)
    send_id = world.schedule()
    hooks = Hooks(store, clock, seed) if kind == "postal" else None
    with (folder / "errors").open("w") as errors:
        arguments = [kind, str(folder), str(seed), *([hooks.url] if hooks else [])]
        provider = Talking("tests.storms.providers", *arguments, cwd=REPOSITORY, errors=errors)
        try:
            url = provider.read()
            if hooks:
                hooks.provider = connect(kind, url, clock)
            work = labour.Work(kind, url, store.url, str(folder), send_id)
            here = Storm(
                kind, world, clock, send_id, people, random.Random(seed), provider, nursery, work, hooks
            )
            here.doubts_may_stay = kind in {"postal", "smtp"}
            yield here
        except AssertionError:
            errors.flush()
            print((folder / "errors").read_text()[-5000:])
            raise
        finally:
            provider.end()
            if hooks:
                hooks.end()
            clock.close()
