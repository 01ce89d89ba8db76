"""Small spreadsheets, written and imported."""

from pathlib import Path

from sqlalchemy import Subquery, select

from mailer.importing import IMPORTS, ImportReport, read_table
from mailer.store import Store
from tests.conftest import NOW


def written(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def imported(store: Store, kind: str, path: Path, *, dry_run: bool = False) -> ImportReport:
    with store.write() as tx:
        return IMPORTS[kind](tx, read_table(path), at=NOW, by="test", dry_run=dry_run)


def told(store: Store, log: Subquery) -> list[dict[str, object]]:
    """The lines of a log, oldest first, each with what it says."""
    with store.read() as tx:
        rows = tx.execute(select(log).order_by(log.c.at, log.c.contact_id, log.c.id))
        return [dict(row._mapping) for row in rows]
