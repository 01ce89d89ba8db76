"""Alembic's entry point: the connection comes from `mailer.store.schema`."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from mailer.model import (  # noqa: F401  # their tables fill the metadata
    access,
    accounts,
    calendar_state,
    digests,
    events,
    imports,
    ledger,
    lookups,
    outgoing,
    people,
    planned,
    proofs,
    tallies,
)
from mailer.model.columns import Instant, metadata


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=_render)
with context.begin_transaction():
    context.run_migrations()
