"""Answers about the measure of opens: the latest on the contact, each one in an append-only log (rules P7)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, literal, or_, select, union_all

from mailer.model.columns import table
from mailer.model.events import LastOpen
from mailer.model.people import BY_IMPORT, Consent, Contact, ImportRun, TrackingConsent
from mailer.store.engine import Tx

consent = table(Consent)
contact = table(Contact)
import_run = table(ImportRun)
last_open = table(LastOpen)
_LOGGED = ("contact_id", "state", "at", "source", "wording")


def present(tx: Tx, contact_id: int) -> str:
    """The latest answer; unknown for somebody who is no longer here."""
    found = tx.execute(select(contact.c.tracking).where(contact.c.id == contact_id)).scalar_one_or_none()
    return found or TrackingConsent.UNKNOWN.value


def answered_at(tx: Tx, contact_id: int) -> datetime | None:
    """When the latest answer was given; None without one."""
    told = log()
    latest = select(told.c.at).where(told.c.contact_id == contact_id).order_by(told.c.at.desc())
    return tx.execute(latest.limit(1)).scalar_one_or_none()


def answered_since(since: datetime) -> ColumnElement[bool]:
    """The contact has given an answer since then, or a file for them."""
    run = (import_run.c.id == contact.c.imported_by, import_run.c.at >= since)
    return or_(
        exists().where(consent.c.contact_id == contact.c.id, consent.c.at >= since),
        and_(contact.c.imported_answer.isnot(None), exists().where(*run)),
    )


def log() -> Subquery:
    """All answers, in the order of `at` and `id`; `id` is 0 for the one that came with a contact.

    What the import brought that made a contact stands in the contact itself.
    """
    written = select(consent.c.id, *(consent.c[name] for name in _LOGGED))
    return union_all(written, _came_with(literal(0))).subquery("consent_log")


def write_out(tx: Tx, contact_id: int) -> None:
    """Before the contact goes: the answer that it proves itself is written to the log."""
    rows = _came_with().where(contact.c.id == contact_id)
    tx.execute(consent.insert().from_select(_LOGGED, rows))


def _came_with(*first: ColumnElement[Any]) -> Select[Any]:
    """The answers that imports brought which made the contact, as the log says them."""
    return (
        select(
            *first,
            contact.c.id.label("contact_id"),
            contact.c.imported_answer.label("state"),
            import_run.c.at,
            (BY_IMPORT + import_run.c.file_name).label("source"),
            literal("").label("wording"),
        )
        .join_from(contact, import_run, import_run.c.id == contact.c.imported_by)
        .where(contact.c.imported_answer.isnot(None))
    )


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
