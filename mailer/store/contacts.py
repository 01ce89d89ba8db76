"""Contacts, found and made one by one. An import writes them in bulk: see `staging`."""

from collections.abc import Container
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from mailer.model.columns import table
from mailer.model.mail import Person
from mailer.model.people import Contact, Organisation, TrackingConsent
from mailer.store import moves
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

#: The attribute that holds the organisation that somebody named when they signed up: nobody has checked it.
SAID = "organisation_said"

contact = table(Contact)
organisation = table(Organisation)


def find_person(tx: Tx, address: str) -> Person | None:
    """What may be merged into this person's copy, or None for an unknown address."""
    return _person(tx, contact.c.address == address)


def person_of_number(tx: Tx, number: int) -> Person | None:
    """The same of the contact of this number."""
    return _person(tx, contact.c.id == number)


def _person(tx: Tx, one: ColumnElement[bool]) -> Person | None:
    columns = (contact.c.address, contact.c.first_name, contact.c.last_name, organisation.c.name)
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    row = tx.execute(select(*columns).select_from(joined).where(one)).first()
    return None if row is None else Person(row[0], row[1], row[2], row[3] or "")


def find_id(tx: Tx, address: str, *, to_write: bool = False) -> int | None:
    """The number of the contact of this address.

    `to_write`: on PostgreSQL nobody else writes to them until the end, and it is theirs even now.
    """
    found = select(contact.c.id).where(contact.c.address == address)
    return tx.execute(found.with_for_update() if to_write else found).scalar_one_or_none()


def find_or_create(
    tx: Tx, address: str, *, language: str, source: str, organisation: str, on: date, at: datetime
) -> int:
    """The number of the contact of this address; a new one has nothing but what its own wish says.

    On PostgreSQL nobody else writes to them until the end.
    """
    values = {"address": address, "language": language, "source": source, "registered_on": on}
    nothing = {"first_name": "", "last_name": "", "job": "", "tracking": TrackingConsent.UNKNOWN.value}
    said = {SAID: organisation} if organisation else {}
    insert_new(tx, contact, {**values, **nothing, "attributes": said, "created_at": at, "updated_at": at})
    moves.take(tx, address)
    found = select(contact.c.id).where(contact.c.address == address).with_for_update()
    return int(tx.execute(found).scalar_one())


def present_address(tx: Tx, contact_id: int) -> str | None:
    """None for somebody who is no longer here."""
    return tx.execute(select(contact.c.address).where(contact.c.id == contact_id)).scalar_one_or_none()


def language(tx: Tx, contact_id: int) -> str | None:
    """The language in which a person is spoken to; None for somebody who is no longer here."""
    return tx.execute(select(contact.c.language).where(contact.c.id == contact_id)).scalar_one_or_none()


def set_language(tx: Tx, contact_id: int, chosen: str, *, at: datetime) -> None:
    held = contact.update().where(contact.c.id == contact_id, contact.c.language != chosen)
    tx.execute(held.values(language=chosen, updated_at=at))


def addresses(tx: Tx, ids: Container[int]) -> list[str]:
    """The addresses of these contacts, in the order of ids."""
    rows = tx.execute(select(contact.c.id, contact.c.address).order_by(contact.c.id))
    return [row.address for row in rows if row.id in ids]
