"""A worker is suspended for longer than its lease, others finish; then it wakes and goes on where it was."""

import random
import time
from pathlib import Path

import pytest

from mailer.store import Store
from tests.storms.storm import storm
from tests.storms.test_kills import judge


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["brevo", "mailjet", "sweego", "smtp"])
def test_a_worker_that_wakes_after_its_lease_doubles_nobody(
    kind: str, sqlite_store: Store, tmp_path: Path
) -> None:
    sleeps(kind, sqlite_store, tmp_path, people=120, times=3, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["brevo", "mailjet", "sweego", "smtp"])
@pytest.mark.parametrize("seed", range(3))
def test_forty_workers_that_wake_after_their_leases_double_nobody(
    kind: str, seed: int, sqlite_store: Store, tmp_path: Path
) -> None:
    sleeps(kind, sqlite_store, tmp_path, people=500, times=40, seed=seed)


def sleeps(kind: str, store: Store, folder: Path, *, people: int, times: int, seed: int) -> None:
    dice = random.Random(seed)
    with storm(kind, store, folder, people=people, seed=seed) as here:
        here.ask("calm")
        for turn in range(times):
            here.alive = [here.fork()]
            here.wait_for(0.9 * people * (turn + dice.random()) / times)
            time.sleep(dice.random() * 0.05)
            [sleeper] = here.alive
            if not here.order("alive", sleeper):
                break
            here.order("stop", sleeper)
            here.clock.forward(3 * 7200)
            here.alive = [here.fork()]
            here.wait_for(0.9 * people * (turn + 1) / times)
            here.order("go", sleeper)
            for pid in (sleeper, *here.alive):
                here.order("kill" if pid != sleeper and turn < times - 1 else "wait", pid)
                here.expire(pid)
            here.adds_up()
        here.settle()
        judge(here)
