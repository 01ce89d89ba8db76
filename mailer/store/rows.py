"""From Core rows to records, in one place."""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from mailer.errors import NotFoundError
from mailer.store.engine import Tx

Record = TypeVar("Record", bound=SQLModel)


def _record(model: type[Record], row: Row[tuple[object, ...]]) -> Record:
    configure_mappers()  # quick once done; without it a model that nobody has built yet cannot be read from
    # No validation: the database holds what we wrote. Rows must come from `select(table(model))`.
    record: Record = model.model_construct(**dict(row._mapping))  # type: ignore[assignment]  # SQLModel types it as the base
    return record


def first(
    tx: Tx,
    model: type[Record],
    statement: Select[tuple[object, ...]],
    *,
    filled: Mapping[str, object] | None = None,
) -> Record | None:
    """The first row as a record, or None; `filled` are the parameters that the statement leaves open."""
    row = tx.execute(statement, filled).first()
    return None if row is None else _record(model, row)


def one(
    tx: Tx,
    model: type[Record],
    statement: Select[tuple[object, ...]],
    *,
    missing: str,
    filled: Mapping[str, object] | None = None,
    **values: object,
) -> Record:
    """The first row as a record; raises NotFoundError with `missing`, a sentence filled with `values`."""
    found = first(tx, model, statement, filled=filled)
    if found is None:
        raise NotFoundError(missing, **values)
    return found


def all_of(tx: Tx, model: type[Record], statement: Select[tuple[object, ...]]) -> list[Record]:
    """Every row as a record; for lists that people look at, not for recipients."""
    return [_record(model, row) for row in tx.execute(statement)]
