"""Attempts: written before the first byte leaves, concluded after; never changed otherwise."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, Update, and_, bindparam, exists, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Attempt, Delivery
from mailer.model.mail import SendResult, Status
from mailer.store.engine import Tx

attempt = table(Attempt)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """Which doubts may be repeated with their key: those that began after this instant, at this account of a provider."""

    after: datetime
    account: str


def begin(tx: Tx, posted: Sequence[Delivery], *, account: str, at: datetime) -> None:
    """One more attempt for each of them at this account, as it stood when it was claimed."""
    if posted:
        fresh = {"started_at": at, "outcome": "", "code": "", "evidence": "", "account": account}
        rows = [{"delivery_id": each.id, "n": each.attempts + 1, "epoch": each.epoch} for each in posted]
        tx.execute(_beginning(), [row | fresh for row in rows])


def conclude(
    tx: Tx,
    answers: Sequence[tuple[Delivery, SendResult]],
    *,
    at: datetime,
    late: Collection[int] = frozenset(),
) -> None:
    """The provider's answers to the attempts that began then; what nobody concludes died with its process.

    Where a delivery is among the `late` ones it was in doubt before its answer came, and may have been repeated with the
    key of this attempt, which stays unclear then whatever the answer says, unless it was taken.
    """
    if answers:
        tx.execute(_conclusion(), [_said(posted, result, at, late) for posted, result in answers])


def _said(posted: Delivery, result: SendResult, at: datetime, late: Collection[int]) -> dict[str, Any]:
    is_unclear = posted.id in late and result.status is not Status.ACCEPTED
    return {
        "of": posted.id,
        "number": posted.attempts + 1,
        "now": at,
        "said": Status.UNKNOWN.value if is_unclear else result.status.value,
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


def first_unclear(tx: Tx, delivery_id: int) -> tuple[int, datetime] | None:
    """The attempt with which the doubt began, its number and when: in doubt, or never concluded.

    It is found by its number, for a clock may jump.
    """
    its_own = select(attempt.c.n, attempt.c.started_at).where(
        attempt.c.delivery_id == delivery_id, _unclear()
    )
    found = tx.execute(its_own.order_by(attempt.c.n).limit(1)).first()
    return (int(found.n), found.started_at) if found else None


def before_the_last(tx: Tx, delivery_id: int) -> list[tuple[datetime, str]]:
    """When the earlier attempts began and what was said of them, the latest first."""
    found = select(attempt.c.started_at, attempt.c.code).where(attempt.c.delivery_id == delivery_id)
    return [(row.started_at, row.code) for row in tx.execute(found.order_by(attempt.c.n.desc()).offset(1))]


def doubted_between(
    delivery_id: ColumnElement[int], after: Any, now: Any, *, account: Any
) -> ColumnElement[bool]:
    """Every attempt that may have been taken went to this account and began after that instant: what was certainly refused
    before ages no key.

    None began later than now: the clock ran ahead then, and nobody knows how old that key is.
    """
    unclear = _unclear_ones(delivery_id)
    elsewhen = or_(attempt.c.started_at <= after, attempt.c.started_at > now)
    return and_(exists(unclear), ~exists(unclear.where(or_(elsewhen, _went_elsewhere(account)))))


def known_to(delivery_id: ColumnElement[int], account: Any) -> ColumnElement[bool]:
    """No attempt that may have been taken went elsewhere: to be asked is only who was handed all of them."""
    return ~exists(_unclear_ones(delivery_id).where(_went_elsewhere(account)))


def _unclear_ones(delivery_id: ColumnElement[int]) -> Select[int]:
    return select(attempt.c.id).where(attempt.c.delivery_id == delivery_id, _unclear())


def _went_elsewhere(account: Any) -> ColumnElement[bool]:
    return and_(attempt.c.account != "", attempt.c.account != account)


def _unclear() -> ColumnElement[bool]:
    # Each by itself: a statement for many rows at once takes no list.
    return or_(attempt.c.outcome == "", attempt.c.outcome == Status.UNKNOWN.value)


def last() -> Select[int]:
    """The number of the latest attempt, null without any: it only grows."""
    return select(func.max(attempt.c.id))
