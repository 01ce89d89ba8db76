"""A world on each database."""

from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.store import Store
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.sending.world import World


class Impatient(FixedClock):
    """Whoever has nothing to do looks again half a second later; here five, since each look costs as much as any other."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds if seconds < 0.5 else 5.0)


@pytest.fixture
def clock() -> FixedClock:
    return Impatient(NOW)


@pytest.fixture
def world(store: Store, clock: FixedClock, signer: Signer, tmp_path: Path) -> World:
    return World(store, clock, signer, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_store: Store, clock: FixedClock, signer: Signer, tmp_path: Path) -> World:
    return World(sqlite_store, clock, signer, tmp_path)
