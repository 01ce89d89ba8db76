"""Attempts: written before the first byte leaves, concluded after; never changed otherwise."""

from datetime import datetime
from functools import cache

from sqlalchemy import Update, bindparam, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Attempt
from mailer.model.mail import SendResult, Status
from mailer.store.engine import Tx

attempt = table(Attempt)


def begin(tx: Tx, *, delivery_id: int, n: int, epoch: int, at: datetime) -> None:
    values = {"delivery_id": delivery_id, "n": n, "epoch": epoch, "started_at": at}
    tx.execute(attempt.insert(), {**values, "outcome": "", "code": "", "evidence": ""})


def conclude(tx: Tx, *, delivery_id: int, n: int, result: SendResult, at: datetime) -> None:
    """The provider's answer; an attempt that nobody concludes died with its process."""
    values = {
        "of": delivery_id,
        "number": n,
        "now": at,
        "said": result.status.value,
        "said_status": result.http_status,
        "said_code": result.code[:64],
        "said_detail": result.detail[:250],
    }
    tx.execute(_conclusion(), values)


@cache
def _conclusion() -> Update:
    held = attempt.update().where(
        attempt.c.delivery_id == bindparam("of"),
        attempt.c.n == bindparam("number"),
        attempt.c.ended_at.is_(None),
    )
    return held.values(
        ended_at=bindparam("now"),
        outcome=bindparam("said"),
        http_status=bindparam("said_status"),
        code=bindparam("said_code"),
        evidence=bindparam("said_detail"),
    )


def first_unclear(tx: Tx, delivery_id: int, *, doubtful_since: datetime) -> int | None:
    """The number of the attempt with which the doubt began: in doubt, never concluded, or concluded too late to tell."""
    unclear = or_(attempt.c.outcome.in_(("", Status.UNKNOWN.value)), attempt.c.ended_at > doubtful_since)
    numbers = select(func.min(attempt.c.n)).where(attempt.c.delivery_id == delivery_id, unclear)
    found = tx.execute(numbers).scalar_one()
    return int(found) if found is not None else None


def last_id(tx: Tx) -> int:
    """The number of the latest attempt, 0 without any: it only grows."""
    return tx.execute(select(func.max(attempt.c.id))).scalar_one() or 0
