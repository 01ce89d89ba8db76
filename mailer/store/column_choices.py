"""Columns of files as somebody chose them, by the digest of their headings."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.imports import ColumnChoice
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

choice = table(ColumnChoice)


def find(tx: Tx, headings: str) -> dict[str, int] | None:
    """What was chosen for files of these headings; None where nobody had to choose."""
    found = select(choice.c.places).where(choice.c.headings == headings)
    return tx.execute(found).scalar_one_or_none()


def keep(tx: Tx, headings: str, places: Mapping[str, int], *, at: datetime) -> None:
    """Remember a choice in place of any former one."""
    values = {"places": dict(places), "at": at}
    statement = insert_into(tx, choice).values(headings=headings, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["headings"], set_=values))


def forget(tx: Tx, headings: str) -> None:
    """From now on the headings say it again."""
    tx.execute(choice.delete().where(choice.c.headings == headings))
