"""A person's own pause: nobody writes to them before a day. Each change is a row of the log of subscriptions."""

from datetime import date, datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import EVERYTHING, Contact, SubscriptionChange, SubscriptionState
from mailer.store.engine import Tx

contact = table(Contact)
change = table(SubscriptionChange)


def present(tx: Tx, contact_id: int) -> date | None:
    """The day that ends the pause, also where it is over; None without one."""
    found = select(contact.c.paused_until).where(contact.c.id == contact_id)
    return tx.execute(found).scalar_one_or_none()


def change_to(tx: Tx, contact_id: int, until: date | None, *, at: datetime, source: str) -> bool:
    """Begin, move or end the pause and write it down; whether anything changed."""
    if present(tx, contact_id) == until:
        return False
    held = contact.update().where(contact.c.id == contact_id).values(paused_until=until, updated_at=at)
    if tx.execute(held).rowcount != 1:
        return False
    state = SubscriptionState.PAUSED if until else SubscriptionState.RESUMED
    tx.execute(
        change.insert().values(
            contact_id=contact_id,
            topic=EVERYTHING,
            state=state.value,
            at=at,
            source=source,
            evidence=f"until {until.isoformat()}" if until else "",
        )
    )
    return True
