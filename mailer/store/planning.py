"""Writing the ledger of a send: one row per person, in the transaction that starts it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact, Membership, Organisation, TrackingConsent
from mailer.store.engine import Tx

contact = table(Contact)
organisation = table(Organisation)
membership = table(Membership)
delivery = table(Delivery)
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a delivery freezes of a person. `membership_id` is the one that holds on the day, None without."""

    contact_id: int
    address: str
    first_name: str
    last_name: str
    organisation: str
    tracking: str
    language: str
    membership_id: int | None
    cohort: str


def recipients(
    tx: Tx, contact_ids: Sequence[int], *, day: date, cohort: ColumnElement[Any] | None
) -> Iterator[Recipient]:
    """The people of these ids, in ascending order; `cohort` is the attribute that groups them, if any.

    On PostgreSQL nobody moves, merges or erases them until the end: what is planned would be at an address of nobody.
    """
    for start in range(0, len(contact_ids), _CHUNK):
        chunk = contact_ids[start : start + _CHUNK]
        found = _people(day, cohort).where(contact.c.id.in_(chunk)).order_by(contact.c.id)
        for row in tx.execute(found.with_for_update(read=True, of=contact)):
            yield Recipient(*row)


def valid_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """A membership row that holds on the day."""
    return and_(
        membership.c.from_on <= day, or_(membership.c.until_on.is_(None), membership.c.until_on >= day)
    )


def _people(day: date, cohort: ColumnElement[Any] | None) -> Any:
    held = (
        select(func.max(membership.c.id))
        .where(membership.c.organisation_id == contact.c.organisation_id, valid_on(day))
        .scalar_subquery()
    )
    group = func.coalesce(cast(cohort, String), "") if cohort is not None else literal("")
    return select(
        contact.c.id,
        contact.c.address,
        contact.c.first_name,
        contact.c.last_name,
        func.coalesce(organisation.c.name, ""),
        contact.c.tracking,
        contact.c.language,
        held,
        group,
    ).select_from(contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id))


def count(tx: Tx, send_id: int) -> int:
    """How many people stand in a send's ledger."""
    rows = select(func.count()).select_from(delivery).where(delivery.c.send_id == send_id)
    return int(tx.execute(rows).scalar_one())


def count_among(tx: Tx, send_id: int, contact_ids: Sequence[int]) -> int:
    """How many of these people stand in a send's ledger."""
    found = 0
    rows = select(func.count()).select_from(delivery).where(delivery.c.send_id == send_id)
    for start in range(0, len(contact_ids), _CHUNK):
        chunk = contact_ids[start : start + _CHUNK]
        found += int(tx.execute(rows.where(delivery.c.contact_id.in_(chunk))).scalar_one())
    return found


def count_answers(tx: Tx, contact_ids: Sequence[int], answer: TrackingConsent) -> int:
    """How many of these people have given this answer about the measure."""
    found = 0
    rows = select(func.count()).select_from(contact).where(contact.c.tracking == answer.value)
    for start in range(0, len(contact_ids), _CHUNK):
        found += int(
            tx.execute(rows.where(contact.c.id.in_(contact_ids[start : start + _CHUNK]))).scalar_one()
        )
    return found


def contact_ids(tx: Tx, send_id: int) -> list[int]:
    """Who stands in a send's ledger; a person who was erased since has a negative number of their own."""
    return list(tx.execute(select(delivery.c.contact_id).where(delivery.c.send_id == send_id)).scalars())


def insert(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """The ledger's rows, in bulk."""
    for start in range(0, len(rows), _CHUNK):
        tx.execute(delivery.insert(), rows[start : start + _CHUNK])
