"""Organisations as people look at them: a list page by page, one with its periods and people, periods by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select

from mailer.model.columns import table
from mailer.model.people import Contact, Membership, Organisation
from mailer.store.engine import Tx
from mailer.store.planning import valid_on
from mailer.store.upserts import insert_new

organisation = table(Organisation)
membership = table(Membership)
contact = table(Contact)


@dataclass(frozen=True, slots=True)
class Listed:
    """One organisation of the list."""

    id: int
    siren: str | None
    name: str
    kind: str
    departement: str
    is_member: bool
    people: int


def listed(tx: Tx, words: str, *, kind: str, day: date, limit: int, first: int) -> list[Listed]:
    """Those whose name, SIREN or département holds the words, by name, from the given place on."""
    people = select(func.count()).where(contact.c.organisation_id == organisation.c.id).scalar_subquery()
    names = ("id", "siren", "name", "kind", "departement")
    found: Select[Any] = select(*(organisation.c[name] for name in names), _member(day), people)
    if words:
        said = words.lower()
        holds = (
            func.lower(func.coalesce(organisation.c[name], "")).contains(said, autoescape=True)
            for name in ("name", "siren", "departement")
        )
        found = found.where(or_(*holds))
    if kind:
        found = found.where(organisation.c.kind == kind)
    ordered = found.order_by(organisation.c.name, organisation.c.id).limit(limit).offset(first)
    return [Listed(*row) for row in tx.execute(ordered)]


def find(tx: Tx, organisation_id: int) -> Row[Any] | None:
    return tx.execute(select(organisation).where(organisation.c.id == organisation_id)).first()


def periods(tx: Tx, organisation_id: int) -> Sequence[Row[Any]]:
    """Its periods of membership, the latest first."""
    found = select(membership).where(membership.c.organisation_id == organisation_id)
    return tx.execute(found.order_by(membership.c.from_on.desc())).all()


def people(tx: Tx, organisation_id: int, *, limit: int) -> Sequence[Row[Any]]:
    """Its people, by name."""
    found: Select[Any] = select(contact).where(contact.c.organisation_id == organisation_id)
    return tx.execute(
        found.order_by(contact.c.last_name, contact.c.first_name, contact.c.id).limit(limit)
    ).all()


def overlaps(tx: Tx, organisation_id: int, *, from_on: date, until_on: date | None, besides: int = 0) -> bool:
    """Whether a period would stand over another one, `besides` itself."""
    ends_later = or_(membership.c.until_on.is_(None), membership.c.until_on >= from_on)
    over = [membership.c.organisation_id == organisation_id, ends_later, membership.c.id != besides]
    if until_on is not None:
        over.append(membership.c.from_on <= until_on)
    return bool(tx.execute(select(exists().where(*over))).scalar_one())


def add_period(tx: Tx, organisation_id: int, *, from_on: date, until_on: date | None) -> bool:
    """Begin a period; whether it was new."""
    values = {"organisation_id": organisation_id, "from_on": from_on, "until_on": until_on}
    return insert_new(tx, membership, values)


def end_period(tx: Tx, organisation_id: int, period_id: int, *, until_on: date) -> bool:
    """Say a period's last day; whether there is such a period that begins before.

    On PostgreSQL a sender's intent holds the row: it leaves before the end is written, or sees it.
    """
    own = (
        membership.c.id == period_id,
        membership.c.organisation_id == organisation_id,
        membership.c.from_on <= until_on,
    )
    return tx.execute(membership.update().where(*own).values(until_on=until_on)).rowcount == 1


def touch(tx: Tx, organisation_id: int, *, at: datetime) -> None:
    """Somebody writes about it, and on PostgreSQL nobody else until the end; no import is undone over this."""
    tx.execute(organisation.update().where(organisation.c.id == organisation_id).values(updated_at=at))


def _member(day: date) -> ColumnElement[bool]:
    return exists().where(membership.c.organisation_id == organisation.c.id, valid_on(day))
