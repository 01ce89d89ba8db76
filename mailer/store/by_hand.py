"""What a user of the desk changes of one contact, one field at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from mailer.model.columns import table
from mailer.model.people import Contact, Organisation
from mailer.store import mandates
from mailer.store.engine import Tx

contact = table(Contact)
organisation = table(Organisation)
#: What may be changed so; address, subscriptions and consents have acts of their own.
FIELDS = ("first_name", "last_name", "job", "organisation_id", "language")


def update(tx: Tx, contact_id: int, *, at: datetime, **values: Any) -> bool:
    """Write these fields; whether anything changed."""
    assert set(values) <= set(FIELDS)
    row = tx.execute(select(contact).where(contact.c.id == contact_id)).one()
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        tx.execute(contact.update().where(contact.c.id == contact_id).values(**changed, updated_at=at))
        mandates.withdraw_left(tx, contact_id)
    return bool(changed)


def get(tx: Tx, contact_id: int) -> Row[Any]:
    """The contact, who is there."""
    return tx.execute(select(contact).where(contact.c.id == contact_id)).one()


def touch(tx: Tx, contact_id: int, *, at: datetime) -> None:
    """Somebody wrote about them: an import that had made them is not undone over this."""
    tx.execute(contact.update().where(contact.c.id == contact_id).values(updated_at=at))


def organisations_named(tx: Tx, name: str) -> list[int]:
    """The organisations of this name or SIREN."""
    said = (organisation.c.name == name) | (organisation.c.siren == name.replace(" ", ""))
    return list(tx.execute(select(organisation.c.id).where(said)).scalars())
