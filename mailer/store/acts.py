"""The log of acts: who approved, scheduled, cancelled or imported what. Rows are only ever added; an erased reader goes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from mailer.model.accounts import Act
from mailer.model.columns import table
from mailer.store.engine import Tx
from mailer.store.rows import all_of

log = table(Act)
#: A proof was sent; the detail is the address.
PROOF = "proof"


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


def proofs_to(tx: Tx, addresses: Sequence[str]) -> list[Act]:
    """The proofs that were sent to these addresses."""
    return all_of(tx, Act, select(log).where(*_proof_to(addresses)).order_by(log.c.id))


def forget_reader(tx: Tx, addresses: Sequence[str]) -> None:
    """The one change of a row: a proof was sent, and no longer to whom."""
    tx.execute(log.update().where(*_proof_to(addresses)).values(detail=""))


def _proof_to(addresses: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return log.c.act == PROOF, log.c.detail.in_(addresses)


def was_done(tx: Tx, act: str, object: str, *, since: datetime) -> bool:
    """Whether this was done to the thing from then on."""
    found = select(log.c.id).where(log.c.object == object, log.c.act == act, log.c.at >= since)
    return tx.execute(found.limit(1)).first() is not None
