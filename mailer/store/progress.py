"""How a send under way stands: its pace over the last moments, its doubts by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.ledger import Attempt, Delivery, DeliveryState
from mailer.store.engine import Tx

attempt = table(Attempt)
delivery = table(Delivery)


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages that were answered since an instant; `first_at` is when the first of them was handed over."""

    answered: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Copies in doubt for the same reason, and since when: the first and the last of them."""

    reason: str
    count: int
    since: datetime
    latest: datetime


def pace(tx: Tx, send_id: int, *, since: datetime, at_most: int) -> Pace:
    """Counted among the last `at_most` attempts of all sends: give as many as the provider's rate lets go since then.

    Attempts have no index of their instants, and need none: they are written in the order of time.
    """
    last = (
        select(attempt.c.delivery_id, attempt.c.started_at, attempt.c.ended_at)
        .order_by(attempt.c.id.desc())
        .limit(at_most)
        .subquery()
        .c
    )
    counted = (
        select(func.count(), func.min(last.started_at))
        .join(delivery, delivery.c.id == last.delivery_id)
        .where(delivery.c.send_id == send_id, last.ended_at >= since)
    )
    answered, first = tx.execute(counted).one()
    return Pace(int(answered), first)


def doubts(tx: Tx, send_id: int) -> Sequence[Doubt]:
    """The most frequent reason first."""
    since = delivery.c.in_doubt_since
    found = select(delivery.c.reason, func.count().label("copies"), func.min(since), func.max(since)).where(
        delivery.c.send_id == send_id, delivery.c.state == DeliveryState.IN_DOUBT.value, since.isnot(None)
    )
    rows = tx.execute(found.group_by(delivery.c.reason).order_by(func.count().desc(), delivery.c.reason))
    return [Doubt(*row) for row in rows]
