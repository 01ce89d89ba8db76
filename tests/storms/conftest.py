"""A world on each database, as for the tests of sending."""

from tests.sending.conftest import sqlite_world, world

__all__ = ["sqlite_world", "world"]
