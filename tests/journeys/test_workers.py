"""Several workers on one PostgreSQL share a send: killed or suspended, they neither double nor forget anybody."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailer.app import Mailer, create_mailer
from mailer.demo import stage as stages
from mailer.errors import StoreConflict
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.store import Store
from tests.journeys.conftest import DATA
from tests.nursery import Child, Nursery

FLASH, RECIPIENTS = "flash/2026-06-11", 1_214


@dataclass
class Workshop:
    """A workspace on PostgreSQL whose mail goes to a folder, and the workers on it."""

    mailer: Mailer
    folder: Path
    nursery: Nursery
    workers: list[Child] = field(default_factory=list)

    def hire(self, count: int) -> None:
        self.workers += [self.nursery.mailer("worker") for _ in range(count)]

    @property
    def mails(self) -> int:
        return sum(1 for _ in (self.folder / "mails" / "new").glob("*"))

    def wait(self, condition: Callable[[], bool], *, seconds: float = 100) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, self.mailer.status(FLASH)
            assert any(worker.poll() is None for worker in self.workers), "no worker is left"
            time.sleep(0.05)

    def is_done(self) -> bool:
        (summary,) = self.mailer.status(FLASH)
        return summary.send is not None and summary.send.state == "done"

    def held_by(self, worker: Child) -> int:
        """Copies that this worker has claimed and not concluded; their owner is `host:process:random`."""
        delivery = table(Delivery)
        mine = select(func.count()).where(delivery.c.owner.contains(f":{worker.pid}:"))
        with self.mailer.store.read() as tx:
            return int(tx.execute(mine).scalar_one())

    def end_lease_of(self, worker: Child) -> None:
        """Nobody waits half a minute for what the dead one held: as if its lease had ended."""
        delivery = table(Delivery)
        held = delivery.update().where(delivery.c.owner.contains(f":{worker.pid}:"))
        while True:
            # PostgreSQL may undo it in favour of a worker's act: then again.
            with suppress(StoreConflict), self.mailer.store.write() as tx:
                tx.execute(held.values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
                return

    def received(self) -> Counter[str]:
        parser = BytesHeaderParser(policy=default)
        heads = (parser.parsebytes(path.read_bytes()) for path in (self.folder / "mails" / "new").glob("*"))
        return Counter(head["To"].addresses[0].addr_spec for head in heads)


@pytest.fixture
def workshop(
    postgresql_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nursery: Nursery
) -> Iterator[Workshop]:
    folder = tmp_path / "workspace"
    stages.prepare(folder)
    environment = {
        "WORKSPACE": str(folder),
        "DATABASE_URL": postgresql_store.url,
        "LEASE_SECONDS": "30",
        "PROVIDER__NAME": "maildir",
        "PROVIDER__PATH": "mails",
        "PROVIDER__RATE": "150/s",
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"MAILER_{name}", value)
    mailer = create_mailer(folder)
    for kind, name in (
        ("organisations", "collectivites"),
        ("exclusions", "desinscrits"),
        ("contacts", "contacts"),
    ):
        mailer.import_file(kind, DATA / f"{name}.csv", by="test")
    found = Workshop(mailer, folder, nursery)
    yield found
    for worker in found.workers:
        worker.kill()
    mailer.close()


def everybody_got_one(workshop: Workshop) -> None:
    got = workshop.received()
    assert (len(got), got.total()) == (RECIPIENTS, RECIPIENTS)
    report = workshop.mailer.report(FLASH)
    assert (report.letter.planned, report.letter.accepted, report.letter.in_doubt) == (
        RECIPIENTS,
        RECIPIENTS,
        0,
    )


@pytest.mark.timeout(300)
def test_one_of_three_workers_is_killed_and_the_send_ends_by_itself(workshop: Workshop) -> None:
    workshop.mailer.departures.schedule(FLASH, by="test", now=True)
    workshop.hire(3)
    workshop.wait(lambda: workshop.mails >= 300)
    workshop.workers[0].kill()
    workshop.end_lease_of(workshop.workers[0])
    workshop.wait(workshop.is_done)
    everybody_got_one(workshop)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_worker_told_to_stop_concludes_what_is_in_flight(workshop: Workshop) -> None:
    workshop.mailer.departures.schedule(FLASH, by="test", now=True)
    workshop.hire(2)
    workshop.wait(lambda: workshop.held_by(workshop.workers[0]) > 0)
    told = workshop.workers[0]
    told.send(signal.SIGTERM)
    assert told.wait() == 0
    # Nothing of it has to wait for the end of a lease.
    assert workshop.held_by(told) == 0
    workshop.wait(workshop.is_done)
    everybody_got_one(workshop)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_worker_suspended_beyond_its_lease_doubles_nothing(workshop: Workshop) -> None:
    workshop.mailer.departures.schedule(FLASH, by="test", now=True)
    workshop.hire(3)
    workshop.wait(lambda: workshop.mails >= 300)
    workshop.workers[0].send(signal.SIGSTOP)
    workshop.wait(workshop.is_done)
    workshop.workers[0].send(signal.SIGCONT)
    time.sleep(10)
    everybody_got_one(workshop)
