"""What a monitor asks of the database: whether it answers, and counts that name nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from mailer.errors import StoreError
from mailer.model.columns import table
from mailer.model.events import ClickCount, OpenCount
from mailer.model.ledger import ENDED, Delivery, DeliveryState, Send, SendState
from mailer.store import copies
from mailer.store.engine import Store, Tx

send = table(Send)
delivery = table(Delivery)


@dataclass(frozen=True, slots=True)
class Vitals:
    """Counts at one moment. `deliveries` are those of sends that have not ended."""

    sends: Mapping[str, int]
    deliveries: Mapping[str, int]
    accepted: int
    refused: int
    in_doubt: int
    loads: int
    clicks: int
    #: When the send that has waited longest was due; None when nothing is due.
    oldest_due_at: datetime | None


def why_unreachable(store: Store) -> str:
    """Why the tables cannot be read, in the database's words, for the log only; empty when they can."""
    try:
        with store.read() as tx:
            tx.execute(select(send.c.id).limit(1)).first()
    except StoreError as error:
        return str(error)
    except SQLAlchemyError as error:  # not a database at all, or one without our tables
        return type(error).__name__
    return ""


def vitals(tx: Tx, *, at: datetime) -> Vitals:
    """Everything at one moment; answered by indexes, whatever the size of the ledger."""
    states = [each.value for each in ENDED]
    sends = tx.execute(select(send.c.state, func.count()).group_by(send.c.state))
    going = select(delivery.c.state, func.count()).where(
        delivery.c.send_id.in_(select(send.c.id).where(send.c.state.not_in(states)))
    )
    due = select(func.min(send.c.send_at)).where(
        send.c.state == SendState.SCHEDULED.value, send.c.send_at <= at
    )
    oldest = tx.execute(due).scalar_one()
    return Vitals(
        sends={state: count for state, count in sends},  # noqa: C416  # rows are no pairs for the type checker
        deliveries={state: count for state, count in tx.execute(going.group_by(delivery.c.state))},  # noqa: C416
        accepted=_in_state(tx, DeliveryState.ACCEPTED),
        refused=_in_state(tx, DeliveryState.REFUSED),
        in_doubt=_in_state(tx, DeliveryState.IN_DOUBT),
        loads=int(tx.execute(select(func.coalesce(func.sum(table(OpenCount).c.loaded), 0))).scalar_one()),
        clicks=int(tx.execute(select(func.coalesce(func.sum(table(ClickCount).c.clicks), 0))).scalar_one()),
        oldest_due_at=oldest if isinstance(oldest, datetime) else None,
    )


def _in_state(tx: Tx, state: DeliveryState) -> int:
    """Of all sends: by way of the sends, so that the index of a send's states answers."""
    those = copies.in_any_send() & (delivery.c.state == state.value)
    return int(tx.execute(select(func.count()).where(those)).scalar_one())
