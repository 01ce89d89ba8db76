"""Attempts: written before the first byte leaves, concluded after; never changed otherwise."""

from datetime import datetime

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.ledger import Attempt
from mailer.model.mail import SendResult
from mailer.store.engine import Tx

attempt = table(Attempt)


def begin(tx: Tx, *, delivery_id: int, n: int, epoch: int, at: datetime) -> None:
    values = {"delivery_id": delivery_id, "n": n, "epoch": epoch, "started_at": at}
    tx.execute(attempt.insert().values(**values, outcome="", code="", evidence=""))


def conclude(tx: Tx, *, delivery_id: int, n: int, result: SendResult, at: datetime) -> None:
    """The provider's answer; an attempt that nobody concludes died with its process."""
    held = attempt.update().where(
        attempt.c.delivery_id == delivery_id, attempt.c.n == n, attempt.c.ended_at.is_(None)
    )
    tx.execute(
        held.values(
            ended_at=at,
            outcome=result.status.value,
            http_status=result.http_status,
            code=result.code[:64],
            evidence=result.detail[:250],
        )
    )


def last_id(tx: Tx) -> int:
    """The number of the latest attempt, 0 without any: it only grows."""
    return tx.execute(select(func.max(attempt.c.id))).scalar_one() or 0
