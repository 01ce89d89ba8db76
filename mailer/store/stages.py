"""A staged send: which copies may leave first, and what became of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Outcome, Send
from mailer.store.engine import Tx

delivery = table(Delivery)
send = table(Send)


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Of the first copies: those accepted, and of these the bounced and the complaints."""

    copies: int
    accepted: int
    refused: int
    in_doubt: int
    delivered: int
    bounced: int
    complained: int

    @property
    def untold(self) -> int:
        """Accepted ones whose fate the provider has not told."""
        return self.accepted - self.delivered - self.bounced - self.complained


def within(send_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """A delivery of this send that its stage lets leave: read from the send in the same statement."""
    until = select(send.c.stage_until).where(send.c.id == send_id).scalar_subquery()
    return or_(until.is_(None), delivery.c.id <= until)


def last_of_first(tx: Tx, send_id: int, *, count: int) -> int | None:
    """The id of the `count`th row of the ledger, None where no row comes after it: then there is no stage."""
    if count <= 0:
        return None
    rows = select(delivery.c.id).where(delivery.c.send_id == send_id).order_by(delivery.c.id)
    found = [int(each) for each in tx.execute(rows.offset(count - 1).limit(2)).scalars()]
    return found[0] if len(found) == 2 else None


def counts(tx: Tx, send_id: int) -> StageCounts:
    state, outcome = delivery.c.state, delivery.c.outcome
    accepted = state == DeliveryState.ACCEPTED.value
    columns = (
        func.count(),
        func.count().filter(accepted),
        func.count().filter(state == DeliveryState.REFUSED.value),
        func.count().filter(state == DeliveryState.IN_DOUBT.value),
        func.count().filter(accepted, outcome == Outcome.DELIVERED.value),
        func.count().filter(accepted, outcome == Outcome.BOUNCED.value),
        func.count().filter(accepted, outcome == Outcome.COMPLAINED.value),
    )
    found = tx.execute(select(*columns).where(delivery.c.send_id == send_id, within(send_id))).one()
    return StageCounts(*(int(each) for each in found))
