"""Writing the ledger of a send: one row per person, in the transaction that starts it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact, Membership, Organisation, TrackingConsent
from mailer.store.engine import Tx, roomy
from mailer.store.upserts import insert_tuples

contact = table(Contact)
organisation = table(Organisation)
membership = table(Membership)
delivery = table(Delivery)
_CHUNK = 5_000


class Recipient(NamedTuple):
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


class Planned(NamedTuple):
    """A row of the ledger as the driver takes it; `merge` is JSON."""

    send_id: int
    contact_id: int
    address: str
    members_only: bool
    membership_id: int | None
    state: str
    key: str
    merge: str
    language: str
    measured: bool
    tracked: bool
    second_subject: bool
    cohort: int
    epoch: int = 0
    owner: str = ""
    attempts: int = 0
    request_hash: str = ""
    reason: str = ""


def recipients(
    tx: Tx, contact_ids: Sequence[int], *, day: date, cohort: ColumnElement[Any] | None
) -> Iterator[Recipient]:
    """The people of these ids, in ascending order as they are given; `cohort` is the attribute that groups them, if any.

    On PostgreSQL nobody moves, merges or erases them until the end: what is planned would be at an address of nobody.
    """
    held = _memberships(tx, day)
    for start in range(0, len(contact_ids), _CHUNK):
        chunk = list(contact_ids[start : start + _CHUNK])
        found = _people(cohort).where(among(chunk)).order_by(contact.c.id)
        rows = tx.execute(found.with_for_update(read=True, of=contact))
        for contact_id, address, first, last, body, answer, language, organisation_id, group in rows:
            member = held.get(organisation_id)
            yield Recipient(contact_id, address, first, last, body, answer, language, member, group)


def among(contact_ids: Sequence[int]) -> ColumnElement[bool]:
    """The contact is one of these, in ascending order: nearly everybody of a range is said by who is missing."""
    first, last = contact_ids[0], contact_ids[-1]
    gaps = last - first + 1 - len(contact_ids)
    if gaps > len(contact_ids) // 4:
        return contact.c.id.in_(contact_ids)
    within = contact.c.id.between(first, last)
    if not gaps:
        return within
    return and_(within, contact.c.id.not_in(sorted(set(range(first, last + 1)).difference(contact_ids))))


def _memberships(tx: Tx, day: date) -> dict[int | None, int]:
    """Organisation -> its membership that holds on the day."""
    found = select(membership.c.organisation_id, func.max(membership.c.id)).where(valid_on(day))
    return {row[0]: row[1] for row in tx.execute(found.group_by(membership.c.organisation_id))}


def valid_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """A membership row that holds on the day."""
    return and_(
        membership.c.from_on <= day, or_(membership.c.until_on.is_(None), membership.c.until_on >= day)
    )


def _people(cohort: ColumnElement[Any] | None) -> Any:
    group = func.coalesce(cast(cohort, String), "") if cohort is not None else literal("")
    named = ("id", "address", "first_name", "last_name")
    return select(
        *(contact.c[name] for name in named),
        func.coalesce(organisation.c.name, ""),
        contact.c.tracking,
        contact.c.language,
        contact.c.organisation_id,
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
        chunk = list(contact_ids[start : start + _CHUNK])
        found += int(tx.execute(rows.where(delivery.c.contact_id.in_(chunk))).scalar_one())
    return found


def count_answers(tx: Tx, contact_ids: Sequence[int], answer: TrackingConsent) -> int:
    """How many of these people have given this answer about the measure."""
    found = 0
    rows = select(func.count()).select_from(contact).where(contact.c.tracking == answer.value)
    for start in range(0, len(contact_ids), _CHUNK):
        chunk = list(contact_ids[start : start + _CHUNK])
        found += int(tx.execute(rows.where(among(chunk))).scalar_one())
    return found


def contact_ids(tx: Tx, send_id: int) -> list[int]:
    """Who stands in a send's ledger; a person who was erased since has a negative number of their own."""
    return list(tx.execute(select(delivery.c.contact_id).where(delivery.c.send_id == send_id)).scalars())


def insert(tx: Tx, rows: Iterable[Planned]) -> None:
    """The ledger's rows, in bulk and in pieces: reading people and writing rows take turns."""
    waiting = iter(rows)
    with roomy(tx):
        while piece := list(islice(waiting, _CHUNK)):
            insert_tuples(tx, delivery, piece, names=Planned._fields)
