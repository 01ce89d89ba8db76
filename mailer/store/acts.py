"""The log of acts: who approved, scheduled, cancelled or imported what. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import select

from mailer.model.accounts import Act
from mailer.model.columns import table
from mailer.store.engine import Tx
from mailer.store.rows import all_of

log = table(Act)


def record(tx: Tx, *, at: datetime, by: str, act: str, object: str = "", detail: str = "") -> None:
    """Write one act down, in the transaction that does it."""
    tx.execute(log.insert().values(at=at, by=by, act=act, object=object, detail=detail))


def about(tx: Tx, object: str, *, limit: int = 20) -> list[Act]:
    """What was done to one thing, such as `campaign/issue`; the latest first."""
    found = select(log).where(log.c.object == object).order_by(log.c.id.desc())
    return all_of(tx, Act, found.limit(limit))


def of_kind(tx: Tx, prefix: str, *, limit: int = 20) -> list[Act]:
    """What was done to the things whose name begins so; the latest first."""
    found = select(log).where(log.c.object.startswith(prefix, autoescape=True)).order_by(log.c.id.desc())
    return all_of(tx, Act, found.limit(limit))


def was_done(tx: Tx, act: str, object: str, *, since: datetime) -> bool:
    """Whether this was done to the thing from then on."""
    found = select(log.c.id).where(log.c.object == object, log.c.act == act, log.c.at >= since)
    return tx.execute(found.limit(1)).first() is not None
