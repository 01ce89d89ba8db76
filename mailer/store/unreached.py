"""The people whom a letter did not reach, one by one: for those who may see people, and for nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState
from mailer.store.engine import Tx

delivery = table(Delivery)


@dataclass(frozen=True, slots=True)
class Unreached:
    """One person. `at`: since when it is in doubt, or when it was concluded."""

    delivery_id: int
    address: str
    reason: str
    at: datetime | None


def unreached(
    tx: Tx, send_id: int, *, state: DeliveryState, after: int = 0, limit: int
) -> Sequence[Unreached]:
    """Those of one state in the order of the ledger, beginning behind the delivery `after`."""
    at = func.coalesce(delivery.c.in_doubt_since, delivery.c.concluded_at)
    found = select(delivery.c.id, delivery.c.address, delivery.c.reason, at).where(
        delivery.c.send_id == send_id, delivery.c.state == state.value, delivery.c.id > after
    )
    return [Unreached(*row) for row in tx.execute(found.order_by(delivery.c.id).limit(limit))]
