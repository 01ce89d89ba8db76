"""A worker is suspended for longer than its lease, others finish; then it wakes and goes on where it was."""

import random
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mailer.store import Store
from tests.nursery import Child, Nursery
from tests.storms.storm import Storm, storm
from tests.storms.test_kills import accepted_here_is_accepted_there, nobody_twice


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["brevo", "mailjet", "sweego", "smtp"])
def test_a_worker_that_wakes_after_its_lease_doubles_nobody(
    kind: str, sqlite_store: Store, tmp_path: Path, nursery: Nursery
) -> None:
    sleeps(kind, sqlite_store, tmp_path, nursery, people=120, times=3, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["brevo", "mailjet", "sweego", "smtp"])
@pytest.mark.parametrize("seed", range(2))
def test_thirty_workers_that_wake_after_their_leases_double_nobody(
    kind: str, seed: int, sqlite_store: Store, tmp_path: Path, nursery: Nursery
) -> None:
    sleeps(kind, sqlite_store, tmp_path, nursery, people=400, times=30, seed=seed)


def stop_between_writes(here: Storm, worker: Child) -> None:
    """Whoever is suspended while it writes the ledger keeps its lock on SQLite: nobody else sends either, and nothing can
    go wrong."""
    path = here.world.store.url.removeprefix("sqlite:///")
    while True:
        worker.send(signal.SIGSTOP)
        with (
            closing(sqlite3.connect(path, timeout=0.05, isolation_level=None)) as connection,
            suppress(sqlite3.OperationalError),
        ):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            return
        worker.send(signal.SIGCONT)
        time.sleep(0.002)


def sleeps(
    kind: str, store: Store, folder: Path, nursery: Nursery, *, people: int, times: int, seed: int
) -> None:
    dice = random.Random(seed)
    with storm(kind, store, folder, nursery, people=people, seed=seed) as here:
        here.ask("calm")
        for turn in range(times):
            here.alive = [here.fork()]
            here.wait_for(0.9 * people * (turn + dice.random()) / times)
            time.sleep(dice.random() * 0.05)
            [sleeper] = here.alive
            if sleeper.poll() is not None:
                break
            stop_between_writes(here, sleeper)
            here.clock.forward(3 * 7200)
            here.alive = [here.fork()]
            here.wait_for(0.9 * people * (turn + 1) / times)
            sleeper.send(signal.SIGCONT)
            for worker in (sleeper, *here.alive):
                worker.kill() if worker is not sleeper and turn < times - 1 else worker.wait()
                here.expire(worker)
            here.adds_up()
        # Asleep for six hours by the clock: class A's keys are too old by then, and what was on its way stays in doubt.
        here.doubts_may_stay = kind in {"brevo", "smtp"}
        here.settle()
        nobody_twice(here)
        accepted_here_is_accepted_there(here)
        here.adds_up()
        assert here.everybody - here.of("accepted") == here.of("in_doubt")
        assert not here.of("in_doubt") or here.doubts_may_stay
