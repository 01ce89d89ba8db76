"""The history of imports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import ImportRun
from mailer.store.engine import Tx
from mailer.store.rows import all_of

import_run = table(ImportRun)


def record(tx: Tx, *, kind: str, file_name: str, at: datetime, by: str, counts: Mapping[str, Any]) -> None:
    tx.execute(import_run.insert().values(kind=kind, file_name=file_name, at=at, by=by, counts=dict(counts)))


def history(tx: Tx, *, limit: int) -> list[ImportRun]:
    """The imports that were carried out, the latest first."""
    return all_of(tx, ImportRun, select(import_run).order_by(import_run.c.id.desc()).limit(limit))
