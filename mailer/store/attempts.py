"""Attempts: written before the first byte leaves, concluded after; never changed otherwise."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Update, bindparam, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Attempt, Delivery
from mailer.model.mail import SendResult, Status
from mailer.store.engine import Tx

attempt = table(Attempt)


def begin(tx: Tx, posted: Sequence[Delivery], *, at: datetime) -> None:
    """One more attempt for each of them, as it stood when it was claimed."""
    if posted:
        fresh = {"started_at": at, "outcome": "", "code": "", "evidence": ""}
        rows = [{"delivery_id": each.id, "n": each.attempts + 1, "epoch": each.epoch} for each in posted]
        tx.execute(_beginning(), [row | fresh for row in rows])


def conclude(tx: Tx, answers: Sequence[tuple[Delivery, SendResult]], *, at: datetime) -> None:
    """The provider's answers to the attempts that began then; what nobody concludes died with its process."""
    if answers:
        tx.execute(_conclusion(), [_said(posted, result, at) for posted, result in answers])


def _said(posted: Delivery, result: SendResult, at: datetime) -> dict[str, Any]:
    return {
        "of": posted.id,
        "number": posted.attempts + 1,
        "now": at,
        "said": result.status.value,
        "said_status": result.http_status,
        "said_code": result.code[:64],
        "said_detail": result.detail[:250],
    }


@cache
def _beginning() -> Insert:
    return attempt.insert()


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


def last() -> Select[int]:
    """The number of the latest attempt, null without any: it only grows."""
    return select(func.max(attempt.c.id))
