"""People and organisations one by one, as records that other programs read and write.

A record is a plain mapping of what may be shown; lists go by number, so that a page never repeats or skips a row that
was there when the list began.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, exists, func, or_, select
from sqlalchemy.exc import IntegrityError

from mailer.errors import ConflictError
from mailer.i18n import marked
from mailer.model.columns import table
from mailer.model.people import Contact, Exclusion, ImportRun, Membership, Organisation, Subscription
from mailer.store import mandates, moves
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new, insert_rows

Record = dict[str, Any]
contact, organisation, membership = table(Contact), table(Organisation), table(Membership)
exclusion, subscription = table(Exclusion), table(Subscription)
import_run = table(ImportRun)
_PIECE = 1_000
_TAKEN = marked("Somebody else has just written the same thing. Read it again, then repeat your request.")


# --- contacts -------------------------------------------------------------------------------------


def contacts_after(
    tx: Tx, after: int, *, limit: int, since: datetime | None = None, **equal: object
) -> list[Record]:
    """The next contacts by number; `since`: who was written to or excluded from then on."""
    found = select(contact).where(contact.c.id > after, *_equal(contact, equal))
    if since is not None:
        barred = exists().where(
            exclusion.c.address == contact.c.address, or_(exclusion.c.at >= since, _came(since))
        )
        found = found.where(or_(contact.c.updated_at >= since, barred))
    return _contacts(tx, found.order_by(contact.c.id).limit(limit))


def _came(since: datetime) -> ColumnElement[bool]:
    """The exclusion came with a file that was imported from then on, whatever day the file gives it."""
    run = (import_run.c.kind == "exclusions", import_run.c.file_name == exclusion.c.source)
    return exists().where(*run, import_run.c.at >= since)


def find_contact(tx: Tx, *, to_write: bool = False, **equal: object) -> Record | None:
    """One contact; `to_write`: on PostgreSQL nobody else writes to it until the end."""
    found = select(contact).where(*_equal(contact, equal)).limit(1)
    found = found.with_for_update() if to_write else found
    return next(iter(_contacts(tx, found)), None)


def create_contact(tx: Tx, values: Mapping[str, Any], *, at: datetime) -> int:
    """The number of a new contact; raises ConflictError if somebody was faster."""
    if not insert_new(tx, contact, {**values, "created_at": at, "updated_at": at}):
        raise ConflictError(_TAKEN)
    moves.take(tx, values["address"])
    return int(tx.execute(select(contact.c.id).where(contact.c.address == values["address"])).scalar_one())


def change_contact(tx: Tx, contact_id: int, values: Mapping[str, Any], *, at: datetime) -> None:
    """Write these values; raises ConflictError where an address or a name is taken."""
    _change(tx, contact, contact_id, {**values, "updated_at": at})
    mandates.withdraw_left(tx, contact_id)


def _contacts(tx: Tx, found: Select[Any]) -> list[Record]:
    records = [dict(row._mapping) for row in tx.execute(found)]
    barred = select(exclusion).where(exclusion.c.address.in_([each["address"] for each in records]))
    known = defaultdict[str, list[Record]](list)
    for row in tx.execute(barred.order_by(exclusion.c.id)):
        values = {name: row._mapping[name] for name in ("scope", "reason", "at", "source")}
        known[row.address].append(values)
    return [{**each, "exclusions": known[each["address"]]} for each in records]


def count_contacts(tx: Tx) -> int:
    return int(tx.execute(select(func.count()).select_from(contact)).scalar_one())


def people_of(tx: Tx, ids: Sequence[int] | None) -> Iterator[Record]:
    """Everybody, or these, by number, each with organisation, topics and exclusions; asked for piece by piece."""
    if ids is None:
        ids = list(tx.execute(select(contact.c.id).order_by(contact.c.id)).scalars())
    for start in range(0, len(ids), _PIECE):
        yield from _people(tx, list(ids[start : start + _PIECE]))


def _people(tx: Tx, ids: list[int]) -> list[Record]:
    records = _contacts(tx, select(contact).where(contact.c.id.in_(ids)).order_by(contact.c.id))
    said = select(subscription.c.contact_id, subscription.c.topic, subscription.c.state)
    topics = defaultdict[int, dict[str, str]](dict)
    for row in tx.execute(said.where(subscription.c.contact_id.in_(ids))):
        topics[row.contact_id][row.topic] = row.state
    numbers = {each["organisation_id"] for each in records} - {None}
    found = select(organisation.c.id, organisation.c.name, organisation.c.siren)
    bodies = {row.id: row for row in tx.execute(found.where(organisation.c.id.in_(numbers)))}
    return [
        {**each, "topics": topics[each["id"]], "organisation": bodies.get(each["organisation_id"])}
        for each in records
    ]


# --- organisations --------------------------------------------------------------------------------


def organisations_after(
    tx: Tx, after: int, *, limit: int, since: datetime | None = None, **equal: object
) -> list[Record]:
    found = select(organisation).where(organisation.c.id > after, *_equal(organisation, equal))
    if since is not None:
        found = found.where(organisation.c.updated_at >= since)
    return _organisations(tx, found.order_by(organisation.c.id).limit(limit))


def find_organisation(tx: Tx, *, to_write: bool = False, **equal: object) -> Record | None:
    """One organisation; `to_write`: on PostgreSQL nobody else writes to it until the end."""
    found = select(organisation).where(*_equal(organisation, equal)).limit(1)
    found = found.with_for_update() if to_write else found
    return next(iter(_organisations(tx, found)), None)


def create_organisation(tx: Tx, values: Mapping[str, Any], *, at: datetime) -> int:
    """The number of a new organisation; raises ConflictError if somebody was faster."""
    try:
        new = organisation.insert().values(**values, created_at=at, updated_at=at)
        return int(tx.execute(new.returning(organisation.c.id)).scalar_one())
    except IntegrityError as error:
        raise ConflictError(_TAKEN) from error


def change_organisation(tx: Tx, organisation_id: int, values: Mapping[str, Any], *, at: datetime) -> None:
    _change(tx, organisation, organisation_id, {**values, "updated_at": at})


def every_organisation(tx: Tx) -> Iterator[Record]:
    """All of them by number, asked for piece by piece."""
    after = 0
    while found := organisations_after(tx, after, limit=_PIECE):
        yield from found
        after = found[-1]["id"]


def set_memberships(tx: Tx, organisation_id: int, periods: Sequence[Record]) -> None:
    """Exactly these periods; one that begins on the same day keeps its number, which the ledger may name."""
    own = membership.c.organisation_id == organisation_id
    held = set(tx.execute(select(membership.c.from_on).where(own)).scalars())
    wanted = {each["from_on"]: each["until_on"] for each in periods}
    tx.execute(membership.delete().where(own, membership.c.from_on.not_in(list(wanted))))
    for from_on in wanted.keys() & held:
        same = membership.update().where(own, membership.c.from_on == from_on)
        tx.execute(same.values(until_on=wanted[from_on]))
    new = [
        {"organisation_id": organisation_id, "from_on": each, "until_on": wanted[each]}
        for each in sorted(wanted.keys() - held)
    ]
    insert_rows(tx, membership, new)


def _organisations(tx: Tx, found: Select[Any]) -> list[Record]:
    records = [dict(row._mapping) for row in tx.execute(found)]
    periods = select(membership).where(membership.c.organisation_id.in_([each["id"] for each in records]))
    known = defaultdict[int, list[Record]](list)
    for row in tx.execute(periods.order_by(membership.c.from_on)):
        known[row.organisation_id].append({"from_on": row.from_on, "until_on": row.until_on})
    return [{**each, "memberships": known[each["id"]]} for each in records]


# --- subscriptions --------------------------------------------------------------------------------


def subscriptions_after(
    tx: Tx, after: int, *, limit: int, since: datetime | None = None, **equal: object
) -> list[Record]:
    found = select(subscription).where(subscription.c.id > after, *_equal(subscription, equal))
    if since is not None:
        found = found.where(subscription.c.at >= since)
    return [dict(row._mapping) for row in tx.execute(found.order_by(subscription.c.id).limit(limit))]


# --- all ------------------------------------------------------------------------------------------


def _equal(of: Table, values: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [of.c[name] == value for name, value in values.items() if value is not None]


def _change(tx: Tx, of: Table, number: int, values: Mapping[str, Any]) -> None:
    try:
        tx.execute(of.update().where(of.c.id == number).values(**values))
    except IntegrityError as error:
        raise ConflictError(_TAKEN) from error
