"""The counts behind a report: one grouped look at a send's deliveries, and the small tables beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, String, bindparam, cast, func, literal, null, select, union_all

from mailer.model.columns import table
from mailer.model.events import ClickCount, Event, OpenCount
from mailer.model.ledger import Delivery, DeliveryState
from mailer.model.mail import Kind
from mailer.store.engine import Tx

delivery = table(Delivery)
event = table(Event)
open_count = table(OpenCount)
click_count = table(ClickCount)

#: States whose rows say why.
_REASONED = (DeliveryState.REFUSED.value, DeliveryState.EXCLUDED.value)


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries share these facts.

    `reason` is told of refused and excluded ones; outcome (None while nothing is known), pixel and cohort of accepted.
    """

    state: str
    outcome: str | None
    reason: str
    measured: bool
    cohort: int
    count: int


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Unique opens of one cohort that first reached each level in one hour."""

    cohort: int
    hour: int
    loaded: int
    high: int
    low: int


def delivery_counts(tx: Tx, send_id: int) -> Sequence[DeliveryCount]:
    """Every delivery of the send is in exactly one count, at one moment.

    One statement, so that the sum is right while the send runs, in three parts that indexes answer: at a million
    deliveries the rows themselves take seconds.
    """
    of_send = delivery.c.send_id == send_id
    parts = (_accepted(of_send), _with_reason(of_send), _others(of_send))
    return [
        DeliveryCount(state, outcome, reason, bool(measured), cohort, count)
        for state, outcome, reason, measured, cohort, count in tx.execute(union_all(*parts))
    ]


def _accepted(of_send: Any) -> Select[Any]:
    # Spelled out in the SQL: a bound parameter would hide the partial index from SQLite.
    accepted: BindParameter[str] = bindparam("accepted", DeliveryState.ACCEPTED.value, literal_execute=True)
    facts = (delivery.c.outcome, delivery.c.measured, delivery.c.cohort)
    columns = (delivery.c.outcome, literal(""), delivery.c.measured, delivery.c.cohort, func.count())
    state = literal(DeliveryState.ACCEPTED.value)
    return select(state, *columns).where(of_send, delivery.c.state == accepted).group_by(*facts)


def _with_reason(of_send: Any) -> Select[Any]:
    facts = (delivery.c.state, delivery.c.reason)
    columns = (
        delivery.c.state,
        cast(null(), String),
        delivery.c.reason,
        literal(False),
        literal(0),
        func.count(),
    )
    return select(*columns).where(of_send, delivery.c.state.in_(_REASONED)).group_by(*facts)


def _others(of_send: Any) -> Select[Any]:
    told = {DeliveryState.ACCEPTED.value, *_REASONED}
    states = [each.value for each in DeliveryState if each.value not in told]
    columns = (delivery.c.state, cast(null(), String), literal(""), literal(False), literal(0), func.count())
    return select(*columns).where(of_send, delivery.c.state.in_(states)).group_by(delivery.c.state)


def open_counts(tx: Tx, send_id: int) -> Sequence[OpenRow]:
    counts = open_count.c
    columns = (counts.cohort, counts.hour, counts.loaded, counts.high, counts.low)
    return [OpenRow(*row) for row in tx.execute(select(*columns).where(counts.send_id == send_id))]


def click_counts(tx: Tx, send_id: int) -> dict[int, int]:
    """Index of the frozen issue's link -> unique clicks."""
    rows = tx.execute(
        select(click_count.c.link, click_count.c.clicks).where(click_count.c.send_id == send_id)
    )
    return {row.link: row.clicks for row in rows}


def unsubscribed(tx: Tx, send_id: int) -> int:
    """People who left because of this send, each once; also those whose delivery is no longer named."""
    person = func.coalesce(event.c.delivery_id, -event.c.id)
    left = event.c.kind == Kind.UNSUBSCRIBE.value
    counted = select(func.count(func.distinct(person))).where(event.c.send_id == send_id, left)
    return int(tx.execute(counted).scalar_one())
