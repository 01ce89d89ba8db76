"""A world on each database."""

from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.store import Store
from mailer.tokens import Signer
from tests.sending.world import World


@pytest.fixture
def world(store: Store, clock: FixedClock, signer: Signer, tmp_path: Path) -> World:
    return World(store, clock, signer, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_store: Store, clock: FixedClock, signer: Signer, tmp_path: Path) -> World:
    return World(sqlite_store, clock, signer, tmp_path)
