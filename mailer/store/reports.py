"""The counts behind a report: one grouped scan of a send's deliveries, and the small tables beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.events import ClickCount, Event, OpenCount
from mailer.model.ledger import Delivery
from mailer.model.mail import Kind
from mailer.store.engine import Tx

delivery = table(Delivery)
event = table(Event)
open_count = table(OpenCount)
click_count = table(ClickCount)


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries share these facts. `outcome` is None while nothing is known."""

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
    facts = (delivery.c.state, delivery.c.outcome, delivery.c.reason, delivery.c.measured, delivery.c.cohort)
    rows = tx.execute(select(*facts, func.count()).where(delivery.c.send_id == send_id).group_by(*facts))
    return [DeliveryCount(*row) for row in rows]


def open_counts(tx: Tx, send_id: int) -> Sequence[OpenRow]:
    columns = (
        open_count.c.cohort,
        open_count.c.hour,
        open_count.c.loaded,
        open_count.c.high,
        open_count.c.low,
    )
    return [OpenRow(*row) for row in tx.execute(select(*columns).where(open_count.c.send_id == send_id))]


def click_counts(tx: Tx, send_id: int) -> dict[int, int]:
    """Index of the frozen issue's link -> unique clicks."""
    rows = tx.execute(
        select(click_count.c.link, click_count.c.clicks).where(click_count.c.send_id == send_id)
    )
    return {row.link: row.clicks for row in rows}


def unsubscribed(tx: Tx, send_id: int) -> int:
    """People who left because of this send, each once."""
    left = select(func.count(func.distinct(event.c.delivery_id))).where(
        event.c.send_id == send_id, event.c.kind == Kind.UNSUBSCRIBE.value
    )
    return int(tx.execute(left).scalar_one())
