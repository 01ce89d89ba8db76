"""Contacts, written in bulk and found one by one."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from mailer.model.columns import table
from mailer.model.mail import Person
from mailer.model.people import Consent, Contact, Organisation, TrackingConsent
from mailer.store import subscriptions
from mailer.store.engine import Tx

contact = table(Contact)
organisation = table(Organisation)
consent = table(Consent)
_FILLED = ("first_name", "last_name", "job", "source", "registered_on", "organisation_id", "tracking")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One person of an import. `topics` are those that the file says yes to; `tracking` a TrackingConsent."""

    address: str
    first_name: str
    last_name: str
    job: str
    siren: str | None
    source: str
    registered_on: date | None
    tracking: str
    topics: frozenset[str]


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


def upsert(
    tx: Tx,
    lines: Sequence[ContactLine],
    *,
    organisation_ids: Mapping[str, int],
    at: datetime,
    source: str,
    dry_run: bool,
) -> tuple[int, int, int]:
    """Write contacts, subscriptions and consents; how many people are new, changed, unchanged.

    An unsubscription stays, a refused consent stays, and a filled field is not emptied.
    """
    stored = {row.address: row for row in tx.execute(select(contact))}
    wanted = {line.address: _values(line, stored.get(line.address), organisation_ids) for line in lines}
    new = [line for line in lines if line.address not in stored]
    altered = [
        line
        for line in lines
        if line.address in stored and _differs(stored[line.address], wanted[line.address])
    ]
    if not dry_run:
        _write(tx, new, altered, wanted, at=at)
    ids = {row.address: row.id for row in tx.execute(select(contact.c.address, contact.c.id))}
    given = {ids[line.address]: line.topics for line in lines if line.address in ids}
    joined = subscriptions.join(tx, given, at=at, source=source, dry_run=dry_run)
    if not dry_run:
        _record_consents(tx, lines, stored, ids, at=at, source=source)
    # Somebody whose only news is a subscription is changed too; new people's first ones are not a change.
    touched = {line.address for line in altered} | {
        line.address for line in lines if line.address in stored and ids.get(line.address) in joined
    }
    return len(new), len(touched), len(lines) - len(new) - len(touched)


def _values(line: ContactLine, row: Row[Any] | None, organisation_ids: Mapping[str, int]) -> dict[str, Any]:
    found = {
        "first_name": line.first_name,
        "last_name": line.last_name,
        "job": line.job,
        "source": line.source,
        "registered_on": line.registered_on,
        "organisation_id": organisation_ids.get(line.siren) if line.siren else None,
        "tracking": line.tracking,
    }
    if row is None:
        return found
    kept = {name: value or getattr(row, name) for name, value in found.items()}
    kept["tracking"] = _consent(before=row.tracking, after=line.tracking)
    return kept


def _consent(*, before: str, after: str) -> str:
    if before == TrackingConsent.DENIED.value or after == TrackingConsent.UNKNOWN.value:
        return before
    return after


def _differs(row: Row[Any], wanted: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != wanted[name] for name in _FILLED)


def _write(
    tx: Tx,
    new: list[ContactLine],
    altered: list[ContactLine],
    wanted: Mapping[str, dict[str, Any]],
    *,
    at: datetime,
) -> None:
    if new:
        common = {"language": "fr", "attributes": {}, "created_at": at, "updated_at": at}
        tx.execute(
            contact.insert(), [{"address": line.address, **common, **wanted[line.address]} for line in new]
        )
    if altered:
        statement = contact.update().where(contact.c.address == bindparam("whose"))
        tx.execute(
            statement.values({name: bindparam(f"new_{name}") for name in (*_FILLED, "updated_at")}),
            [
                {"whose": line.address, "new_updated_at": at}
                | {f"new_{name}": value for name, value in wanted[line.address].items()}
                for line in altered
            ],
        )


def _record_consents(
    tx: Tx,
    lines: Sequence[ContactLine],
    stored: Mapping[str, Row[Any]],
    ids: Mapping[str, int],
    *,
    at: datetime,
    source: str,
) -> None:
    unknown = TrackingConsent.UNKNOWN.value
    answers = []
    for line in lines:
        before = stored[line.address].tracking if line.address in stored else unknown
        after = _consent(before=before, after=line.tracking)
        if after != before:
            answers.append(
                {"contact_id": ids[line.address], "state": after, "at": at, "source": source, "wording": ""}
            )
    if answers:
        tx.execute(consent.insert(), answers)
