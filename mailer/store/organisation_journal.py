"""What an import changed of organisations and memberships, so that it can be undone.

An organisation goes back as a whole, or stays as a whole: one that somebody has changed since, to which people belong,
or whose membership has let a letter leave, is left alone.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from mailer.model.columns import Instant, table
from mailer.model.imports import ImportedMembership, ImportedOrganisation
from mailer.model.ledger import Delivery
from mailer.model.people import Contact, ImportedContact, ImportRun, Mandate, Membership, Organisation
from mailer.store.engine import Tx
from mailer.store.upserts import insert_rows

organisation = table(Organisation)
membership = table(Membership)
former = table(ImportedOrganisation)
period = table(ImportedMembership)
import_run = table(ImportRun)
contact = table(Contact)
noted_contact = table(ImportedContact)
mandate = table(Mandate)
delivery = table(Delivery)
_RESTORED = ("siren", "name", "kind", "departement", "region", "population", "updated_at")
_CHUNK = 500


def note(tx: Tx, run_id: int, ids: Sequence[int], *, is_new: bool) -> None:
    """Note organisations as they are now: before they change, or after they were made."""
    rows = select(
        literal(run_id), organisation.c.id, literal(is_new), *(organisation.c[name] for name in _RESTORED)
    )
    columns = ["run_id", "organisation_id", "is_new", *_RESTORED]
    for start in range(0, len(ids), _CHUNK):
        chosen = rows.where(organisation.c.id.in_(ids[start : start + _CHUNK]))
        tx.execute(former.insert().from_select(columns, chosen))


def note_periods(
    tx: Tx, run_id: int, periods: Iterable[tuple[int, date, bool, date | None, date | None]]
) -> None:
    """Note periods: organisation, first day, whether it is new, its former last day, the one that is written."""
    names = ("organisation_id", "from_on", "is_new", "former_until_on", "until_on")
    insert_rows(tx, period, [{"run_id": run_id, **dict(zip(names, each, strict=True))} for each in periods])


def is_kept(tx: Tx, run_id: int) -> bool:
    """Whether anything is noted of this import."""
    return bool(tx.execute(select(exists().where(former.c.run_id == run_id))).scalar_one())


def take_back(tx: Tx, run_id: int, *, imported_at: datetime, at: datetime) -> int:
    """Put back what is still as the import left it; how many organisations stay."""
    stays = _staying(run_id, imported_at)
    kept = [row.organisation_id for row in tx.execute(stays)]
    _forget_noted(tx, run_id, kept)
    _restore_periods(tx, run_id)
    same = and_(former.c.run_id == run_id, ~former.c.is_new, organisation.c.id == former.c.organisation_id)
    tx.execute(organisation.update().values({name: former.c[name] for name in _RESTORED}).where(same))
    new = select(former.c.organisation_id).where(former.c.run_id == run_id, former.c.is_new)
    tx.execute(organisation.delete().where(organisation.c.id.in_(new)))
    for each in (period, former):
        tx.execute(each.delete().where(each.c.run_id == run_id))
    tx.execute(import_run.update().where(import_run.c.id == run_id).values(undone_at=at))
    return len(kept)


def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what is noted of imports that are too old to be undone."""
    old = select(import_run.c.id).where(import_run.c.at < before)
    for each in (former, period):
        tx.execute(each.delete().where(each.c.run_id.in_(old)))


def _restore_periods(tx: Tx, run_id: int) -> None:
    same = and_(
        period.c.run_id == run_id,
        period.c.organisation_id == membership.c.organisation_id,
        period.c.from_on == membership.c.from_on,
    )
    changed = and_(same, ~period.c.is_new)
    tx.execute(membership.update().values(until_on=period.c.former_until_on).where(changed))
    tx.execute(membership.delete().where(exists().where(same, period.c.is_new)))


def _forget_noted(tx: Tx, run_id: int, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), _CHUNK):
        for each in (former, period):
            chosen = each.c.organisation_id.in_(ids[start : start + _CHUNK])
            tx.execute(each.delete().where(each.c.run_id == run_id, chosen))


def _staying(run_id: int, imported_at: datetime) -> Select[Any]:
    """Organisations of the import that are no longer as it left them, or that something hangs on."""
    as_left = exists().where(
        organisation.c.id == former.c.organisation_id,
        organisation.c.updated_at == literal(imported_at, Instant),
    )
    belongs = exists().where(contact.c.organisation_id == former.c.organisation_id)
    # An import of contacts that took people away from it may be undone as well.
    returns = exists().where(noted_contact.c.organisation_id == former.c.organisation_id)
    held = exists().where(mandate.c.organisation_id == former.c.organisation_id)
    return (
        select(former.c.organisation_id)
        .where(
            former.c.run_id == run_id,
            or_(
                ~as_left,
                and_(former.c.is_new, or_(belongs, returns, held, _has_others(run_id))),
                former.c.organisation_id.in_(_moved(run_id)),
                former.c.organisation_id.in_(_used(run_id)),
            ),
        )
        .order_by(former.c.organisation_id)
    )


def _has_others(run_id: int) -> ColumnElement[bool]:
    """Somebody has given it a period since."""
    known = exists().where(
        period.c.run_id == run_id,
        period.c.organisation_id == membership.c.organisation_id,
        period.c.from_on == membership.c.from_on,
    )
    return exists(
        select(membership.c.id)
        .where(membership.c.organisation_id == former.c.organisation_id, ~known)
        .correlate(former)
    )


def _moved(run_id: int) -> Select[Any]:
    """A period was changed or taken away since."""
    as_left = exists().where(
        membership.c.organisation_id == period.c.organisation_id,
        membership.c.from_on == period.c.from_on,
        ~membership.c.until_on.is_distinct_from(period.c.until_on),
    )
    return select(period.c.organisation_id).where(period.c.run_id == run_id, ~as_left)


def _used(run_id: int) -> Select[Any]:
    """A letter left by a membership that the import began: why must stay known."""
    new = (
        select(membership.c.id)
        .join(
            period,
            and_(
                period.c.organisation_id == membership.c.organisation_id,
                period.c.from_on == membership.c.from_on,
            ),
        )
        .where(period.c.run_id == run_id, period.c.is_new)
    )
    ledger = select(delivery.c.membership_id).where(delivery.c.membership_id.in_(new))
    return select(membership.c.organisation_id).where(membership.c.id.in_(ledger))
