"""A world on each database, as for the tests of sending, whose clock skips as far."""

from tests.sending.conftest import clock, sqlite_world, world

__all__ = ["clock", "sqlite_world", "world"]
