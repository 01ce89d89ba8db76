"""Contacts, found one by one. An import writes them in bulk: see `staging`."""

from collections.abc import Container

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.mail import Person
from mailer.model.people import Contact, Organisation
from mailer.store.engine import Tx

contact = table(Contact)
organisation = table(Organisation)


def find_person(tx: Tx, address: str) -> Person | None:
    """What may be merged into this person's copy, or None for an unknown address."""
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    statement = select(contact.c.first_name, contact.c.last_name, organisation.c.name).select_from(joined)
    row = tx.execute(statement.where(contact.c.address == address)).first()
    return None if row is None else Person(address, row[0], row[1], row[2] or "")


def addresses(tx: Tx, ids: Container[int]) -> list[str]:
    """The addresses of these contacts, in the order of ids."""
    rows = tx.execute(select(contact.c.id, contact.c.address).order_by(contact.c.id))
    return [row.address for row in rows if row.id in ids]
