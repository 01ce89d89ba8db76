"""The same small ledger as in tests/tracking."""

from tests.tracking.conftest import ledger

__all__ = ["ledger"]
