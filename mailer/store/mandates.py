"""Functions whose end is known: who held them, until when, and who followed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select

from mailer.model.columns import table
from mailer.model.people import Contact, Mandate, Organisation
from mailer.store.engine import Tx

mandate, contact, organisation = table(Mandate), table(Contact), table(Organisation)
holder, successor = contact.alias("holder"), contact.alias("successor")
_MOST = 200
#: The source of what passes with a function, in contacts and in the log of subscriptions.
SOURCE = "succession"


def open_of(tx: Tx, contact_id: int) -> Row[Any] | None:
    """The function of this contact whose end is known and whom nobody follows yet."""
    mine = (mandate.c.contact_id == contact_id, mandate.c.ended_at.is_(None))
    return tx.execute(select(mandate).where(*mine).order_by(mandate.c.id.desc())).first()


def note(tx: Tx, contact_id: int, *, organisation_id: int, job: str, until_on: date, by: str) -> int:
    """The function that the contact has now ends on that day; gives its number. Safe to repeat."""
    withdraw(tx, contact_id)
    values = {"contact_id": contact_id, "organisation_id": organisation_id, "job": job, "until_on": until_on}
    made = tx.execute(mandate.insert().values(**values, by=by).returning(mandate.c.id))
    return int(made.scalar_one())


def withdraw(tx: Tx, contact_id: int) -> int:
    """No end is known after all; how many were."""
    mine = (mandate.c.contact_id == contact_id, mandate.c.ended_at.is_(None))
    return tx.execute(mandate.delete().where(*mine)).rowcount


def withdraw_left(tx: Tx, contact_id: int | None = None) -> None:
    """A known end is of the function that somebody has: one that they no longer have passes to nobody.

    Of one contact, or of everybody: called wherever an organisation or a job changes.
    """
    gone = mandate.delete().where(is_left())
    tx.execute(gone if contact_id is None else gone.where(mandate.c.contact_id == contact_id))


def is_left() -> ColumnElement[bool]:
    """A known end of a function that its holder no longer has."""
    held = exists().where(
        contact.c.id == mandate.c.contact_id,
        contact.c.organisation_id == mandate.c.organisation_id,
        contact.c.job == mandate.c.job,
    )
    return and_(mandate.c.ended_at.is_(None), ~held)


def conclude(tx: Tx, mandate_id: int, *, successor_id: int | None, at: datetime, by: str) -> bool:
    """Somebody follows, or nobody; whether it was open."""
    own = mandate.update().where(mandate.c.id == mandate_id, mandate.c.ended_at.is_(None))
    return tx.execute(own.values(successor_id=successor_id, ended_at=at, by=by)).rowcount == 1


def of_contact(tx: Tx, contact_id: int) -> Sequence[Row[Any]]:
    """What they held or took over, the latest first."""
    theirs = or_(mandate.c.contact_id == contact_id, mandate.c.successor_id == contact_id)
    return tx.execute(_told().where(theirs).limit(_MOST)).all()


def of_organisation(tx: Tx, organisation_id: int) -> Sequence[Row[Any]]:
    """The functions of one organisation that end or have ended, the latest first."""
    return tx.execute(_told().where(mandate.c.organisation_id == organisation_id).limit(_MOST)).all()


def ended(tx: Tx) -> dict[str, set[int]]:
    """Address -> organisations in which this person's function has ended, and to which they have not come back."""
    back = contact.c.organisation_id.is_not_distinct_from(mandate.c.organisation_id)
    found = (
        select(contact.c.address, mandate.c.organisation_id)
        .join(mandate, mandate.c.contact_id == contact.c.id)
        .where(mandate.c.ended_at.isnot(None), ~back)
    )
    theirs: dict[str, set[int]] = {}
    for address, organisation_id in tx.execute(found):
        theirs.setdefault(address, set()).add(organisation_id)
    return theirs


def waiting(tx: Tx, *, until: date, limit: int) -> Sequence[Row[Any]]:
    """The open ones that end by that day, the earliest first."""
    found = _told().where(mandate.c.ended_at.is_(None), mandate.c.until_on <= until)
    return tx.execute(found.order_by(None).order_by(mandate.c.until_on, mandate.c.id).limit(limit)).all()


def forget_person(tx: Tx, contact_id: int) -> None:
    """The functions stay, without this person; one that is still open goes."""
    withdraw(tx, contact_id)
    _replace(tx, contact_id, None)


def merge(tx: Tx, *, kept: int, gone: int) -> None:
    """What either held is held by the one that stays; an open one goes where both have one, or of what nobody has now."""
    if open_of(tx, kept) is not None:
        withdraw(tx, gone)
    _replace(tx, gone, kept)
    withdraw_left(tx, kept)


def _replace(tx: Tx, old: int, new: int | None) -> None:
    for name in ("contact_id", "successor_id"):
        tx.execute(mandate.update().where(mandate.c[name] == old).values({name: new}))


def _told() -> Select[Any]:
    """With who they are; the latest first."""
    joined = (
        mandate.join(organisation, organisation.c.id == mandate.c.organisation_id)
        .outerjoin(holder, holder.c.id == mandate.c.contact_id)
        .outerjoin(successor, successor.c.id == mandate.c.successor_id)
    )
    people = [
        alias.c[name].label(f"{who}_{name}")
        for who, alias in (("holder", holder), ("successor", successor))
        for name in ("address", "first_name", "last_name")
    ]
    columns: tuple[Any, ...] = (mandate, organisation.c.name.label("organisation"), *people)
    return select(*columns).select_from(joined).order_by(mandate.c.until_on.desc(), mandate.c.id.desc())
