"""Claims: a sender takes deliveries for as long as a lease; what a lease that is over held is anybody's again.

Each statement is built once: every few mails one of them is needed.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, Update, and_, bindparam, or_, select
from sqlalchemy.sql.dml import ReturningUpdate

from mailer.model.columns import Instant, table
from mailer.model.ledger import Delivery, DeliveryState
from mailer.store import attempts, measures, stages
from mailer.store.attempts import Repeatable
from mailer.store.deliveries import WAITS_AT_MOST, due
from mailer.store.engine import Tx
from mailer.store.guards import SENT_AGAIN

delivery = table(Delivery)
#: No setting makes a lease half as long: one that ends later was taken by a clock that ran ahead.
LONGEST = timedelta(hours=2)


def release_lapsed(tx: Tx, send_id: int, *, at: datetime) -> None:
    """Leases that are over: what was only claimed is what it was before, what was being posted is in doubt."""
    values = {"its_send": send_id, "now": at, "latest": at + LONGEST}
    if tx.execute(_lapsed(), values).first() is not None:
        for statement in _releases():
            tx.execute(statement, values)


@cache
def _lapsed() -> Select[int]:
    return select(delivery.c.id).where(*_over()).limit(1)


@cache
def _releases() -> tuple[Update, ...]:
    claimed = delivery.c.state == DeliveryState.CLAIMED.value
    doubtful = and_(delivery.c.in_doubt_since.isnot(None), delivery.c.reason != SENT_AGAIN)
    free: dict[str, Any] = {"owner": "", "lease_until": None}
    back = delivery.update().where(*_over())
    posting = back.where(delivery.c.state == DeliveryState.POSTING.value)
    return (
        back.where(claimed, ~doubtful).values(state=DeliveryState.PLANNED.value, **free),
        back.where(claimed, doubtful).values(state=DeliveryState.IN_DOUBT.value, **free),
        posting.values(
            state=DeliveryState.IN_DOUBT.value,
            in_doubt_since=bindparam("now", type_=Instant),
            reason="lease-over",
            **free,
        ),
    )


def _over() -> tuple[ColumnElement[bool], ...]:
    held = (DeliveryState.CLAIMED.value, DeliveryState.POSTING.value)
    return (
        delivery.c.send_id == bindparam("its_send"),
        delivery.c.state.in_(held),
        is_over(bindparam("now", type_=Instant), bindparam("latest", type_=Instant)),
    )


def is_over(now: Any, latest: Any) -> ColumnElement[bool]:
    """The lease has ended, or ends later than any that is taken now: the clock was set back since."""
    return or_(delivery.c.lease_until < now, delivery.c.lease_until > latest)


def has_lapsed(claimed: Delivery, *, at: datetime) -> bool:
    """The same of a claim in hand, which its holder gives up in the very instant in which it ends."""
    until = claimed.lease_until
    return until is not None and not at < until <= at + LONGEST


def claim(
    tx: Tx,
    send_id: int,
    *,
    owner: str,
    at: datetime,
    lease: timedelta,
    limit: int,
    repeatable: Repeatable | None,
) -> list[Delivery]:
    """Take up to `limit` deliveries that may be handed over now; each claim grows the row's epoch.

    Doubts that are `repeatable` are claimed too: the provider takes the same key once (class A). A copy whose person has
    refused the measure since the ledger was written loses its pixel.
    """
    values = {
        "its_send": send_id,
        "now": at,
        "beyond": at + WAITS_AT_MOST,
        "doubts_after": repeatable and repeatable.after,
        "doubts_at": repeatable and repeatable.account,
        "its_owner": owner,
        "leased_until": at + lease,
    }
    claimed: list[Delivery] = []
    # Doubts first: their keys live for a while only.
    states = (DeliveryState.IN_DOUBT, DeliveryState.PLANNED)
    for state in states if repeatable is not None else states[1:]:
        if len(claimed) < limit:
            rows = tx.execute(_claim(state), {**values, "at_most": limit - len(claimed)})
            claimed += [Delivery.model_construct(**dict(row._mapping)) for row in rows]
    return sorted(claimed, key=lambda each: each.id or 0)


@cache
def _claim(state: DeliveryState) -> ReturningUpdate[Any]:
    held = delivery.update().where(delivery.c.id.in_(next_in(state).scalar_subquery()))
    return held.values(
        state=DeliveryState.CLAIMED.value,
        owner=bindparam("its_owner"),
        lease_until=bindparam("leased_until", type_=Instant),
        epoch=delivery.c.epoch + 1,
        measured=and_(delivery.c.measured, measures.may_carry_one()),
        tracked=and_(delivery.c.tracked, measures.may_carry_one()),
    ).returning(*delivery.c)


def next_in(state: DeliveryState) -> Select[int]:
    """The next ones in that state, by the index of a send's work.

    The state is named as a range, and the rows in the order of that index: with an equation PostgreSQL takes the primary
    key, and reads all that has left before it comes to what has not, anew for each claim.
    """
    its_send: ColumnElement[int] = bindparam("its_send", type_=Integer)
    waiting = [delivery.c.state >= state.value, delivery.c.state <= state.value]
    if state is DeliveryState.IN_DOUBT:
        after, now = (bindparam(name, type_=Instant) for name in ("doubts_after", "now"))
        account = bindparam("doubts_at", type_=String)
        waiting.append(attempts.doubted_between(delivery.c.id, after, now, account=account))
    return (
        select(delivery.c.id)
        .where(delivery.c.send_id == its_send, *waiting, _free(), stages.within(its_send))
        .order_by(delivery.c.state, delivery.c.id)
        .limit(bindparam("at_most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


def _free() -> ColumnElement[bool]:
    return due(bindparam("now", type_=Instant), beyond=bindparam("beyond", type_=Instant))
