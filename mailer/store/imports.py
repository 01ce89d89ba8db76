"""The history of imports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailer.model.columns import table
from mailer.model.people import ImportRun
from mailer.store.engine import Tx

import_run = table(ImportRun)


def record(tx: Tx, *, kind: str, file_name: str, at: datetime, by: str, counts: Mapping[str, Any]) -> None:
    tx.execute(import_run.insert().values(kind=kind, file_name=file_name, at=at, by=by, counts=dict(counts)))
