"""A fresh send on each database."""

import pytest

from mailer.store import Store
from tests.reporting.sent import Sent


@pytest.fixture
def sent(store: Store) -> Sent:
    return Sent(store)
