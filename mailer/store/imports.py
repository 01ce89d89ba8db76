"""The history of imports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.people import ImportRun
from mailer.store.engine import Tx
from mailer.store.rows import all_of, one

import_run = table(ImportRun)
#: The name of a file that was kept long enough: its day alone is still told, as a proof.
FORGOTTEN = ""


def begin(tx: Tx, *, kind: str, file_name: str, at: datetime, by: str) -> int:
    """The number of a new import, in the transaction that carries it out."""
    values = {"kind": kind, "file_name": file_name, "at": at, "by": by, "counts": {}}
    return int(tx.execute(import_run.insert().values(**values).returning(import_run.c.id)).scalar_one())


def number(tx: Tx, *, kind: str, file_name: str, at: datetime, by: str) -> int:
    """The number of the import that this transaction has begun."""
    said = {"kind": kind, "file_name": file_name, "at": at, "by": by}
    own = (import_run.c[name] == value for name, value in said.items())
    return int(tx.execute(select(func.max(import_run.c.id)).where(*own)).scalar_one())


def conclude(tx: Tx, run_id: int, *, counts: Mapping[str, Any]) -> None:
    tx.execute(import_run.update().where(import_run.c.id == run_id).values(counts=dict(counts)))


def history(tx: Tx, *, limit: int) -> list[ImportRun]:
    """The imports that were carried out and are not forgotten, the latest first."""
    found = select(import_run).where(import_run.c.file_name != FORGOTTEN)
    return all_of(tx, ImportRun, found.order_by(import_run.c.id.desc()).limit(limit))


def get(tx: Tx, run_id: int) -> ImportRun:
    """One import; raises NotFoundError."""
    found = select(import_run).where(import_run.c.id == run_id)
    return one(tx, ImportRun, found, missing="There is no import {number}.", number=run_id)


def since(tx: Tx, at: datetime) -> list[ImportRun]:
    """The imports carried out from that instant on, the latest first."""
    found = select(import_run).where(import_run.c.at >= at)
    return all_of(tx, ImportRun, found.order_by(import_run.c.id.desc()))


def latest_of(tx: Tx, kind: str) -> int | None:
    """The number of the last import of a kind that was not undone."""
    held = (import_run.c.kind == kind, import_run.c.undone_at.is_(None))
    return tx.execute(select(func.max(import_run.c.id)).where(*held)).scalar_one_or_none()
