"""Column types shared by the tables."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, MetaData, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from mailer.clock import require_aware

#: One naming convention, so that every constraint can be named in a migration.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata
#: Made once: a ledger writes a million values.
_JSON = json.JSONEncoder(ensure_ascii=False)


#: For `__table_args__` of what others know by its number: SQLite would give the last one again once it is deleted.
GIVEN_ONCE: dict[str, Any] = {"sqlite_autoincrement": True}


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite keeps it naive, PostgreSQL with its zone. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at = require_aware(value)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model: statements over many rows use it, never ORM instances."""
    found: Any = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes only
    assert isinstance(found, Table)
    return found


def to_json(value: Any) -> str:
    """How JSON columns are written: letters as they are, so that a search for one finds it."""
    return _JSON.encode(value)


def json_column() -> Column[Any]:
    """A column of plain JSON values."""
    return Column(JSON, nullable=False, default=dict)
