"""Answers about the measure of opens: the latest on the contact, each one in an append-only log (rules P7)."""

from datetime import datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import LastOpen
from mailer.model.people import Consent, Contact, TrackingConsent
from mailer.store.engine import Tx

consent = table(Consent)
contact = table(Contact)
last_open = table(LastOpen)


def present(tx: Tx, contact_id: int) -> str:
    """The latest answer; unknown for somebody who is no longer here."""
    found = tx.execute(select(contact.c.tracking).where(contact.c.id == contact_id)).scalar_one_or_none()
    return found or TrackingConsent.UNKNOWN.value


def answered_at(tx: Tx, contact_id: int) -> datetime | None:
    """When the latest answer was given; None without one."""
    latest = select(consent.c.at).where(consent.c.contact_id == contact_id).order_by(consent.c.id.desc())
    return tx.execute(latest.limit(1)).scalar_one_or_none()


def record(
    tx: Tx, contact_id: int, *, state: TrackingConsent, at: datetime, source: str, wording: str
) -> bool:
    """Write an answer down; whether the person is still here. Anything but a yes takes the day of the last opening along."""
    held = contact.update().where(contact.c.id == contact_id).values(tracking=state.value, updated_at=at)
    if tx.execute(held).rowcount != 1:
        return False
    if state is not TrackingConsent.GRANTED:
        tx.execute(last_open.delete().where(last_open.c.contact_id == contact_id))
    values = {"contact_id": contact_id, "state": state.value, "at": at, "source": source, "wording": wording}
    tx.execute(consent.insert().values(**values))
    return True
