"""The ledger and the hits that every test here starts from."""

import pytest

from mailer.clock import FixedClock
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits
from tests.tracking.ledger import Ledger


@pytest.fixture
def ledger(store: Store, signer: Signer, clock: FixedClock) -> Ledger:
    return Ledger(store, signer, clock.now())


@pytest.fixture
def hits(store: Store, signer: Signer, clock: FixedClock) -> Hits:
    return Hits(store, signer, clock)
