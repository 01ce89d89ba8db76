"""Organisations and memberships, read and written in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from mailer.model.columns import table
from mailer.model.people import Membership, Organisation
from mailer.store.engine import Tx

organisation = table(Organisation)
membership = table(Membership)
_OWN = ("name", "kind", "departement", "region", "population")


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """One line of an import: the organisation and one period of membership (none without `from_on`)."""

    siren: str | None
    name: str
    kind: str
    departement: str
    region: str
    population: int | None
    from_on: date | None
    until_on: date | None

    @property
    def identity(self) -> str:
        return self.siren or self.name


def ids_by_siren(tx: Tx) -> dict[str, int]:
    rows = tx.execute(select(organisation.c.siren, organisation.c.id).where(organisation.c.siren.isnot(None)))
    return {row.siren: row.id for row in rows}


def upsert(tx: Tx, lines: Sequence[OrganisationLine], *, at: datetime, dry_run: bool) -> tuple[int, int, int]:
    """Write organisations and memberships; how many are new, changed, unchanged."""
    stored = {row.siren or row.name: row for row in tx.execute(select(organisation))}
    held = {(row.organisation_id, row.from_on): row for row in tx.execute(select(membership))}
    new = [line for line in lines if line.identity not in stored]
    changed = [
        line for line in lines if line.identity in stored and _differs(line, stored[line.identity], held)
    ]
    if not dry_run:
        _write(tx, new, changed, at)
    return len(new), len(changed), len(lines) - len(new) - len(changed)


def _differs(line: OrganisationLine, row: Row[Any], held: Mapping[tuple[Any, Any], Row[Any]]) -> bool:
    if any(getattr(row, name) != getattr(line, name) for name in _OWN):
        return True
    if line.from_on is None:
        return False
    period = held.get((row.id, line.from_on))
    return period is None or period.until_on != line.until_on


def _write(tx: Tx, new: list[OrganisationLine], changed: list[OrganisationLine], at: datetime) -> None:
    if new:
        values = [
            {
                "siren": line.siren,
                "created_at": at,
                "updated_at": at,
                **{name: getattr(line, name) for name in _OWN},
            }
            for line in new
        ]
        tx.execute(organisation.insert(), values)
    ids = {row.siren or row.name: row.id for row in tx.execute(select(organisation))}
    if changed:
        statement = organisation.update().where(organisation.c.id == bindparam("key"))
        tx.execute(
            statement.values({name: bindparam(name) for name in (*_OWN, "updated_at")}),
            [
                {"key": ids[line.identity], "updated_at": at, **{name: getattr(line, name) for name in _OWN}}
                for line in changed
            ],
        )
    _write_memberships(tx, [line for line in (*new, *changed) if line.from_on is not None], ids)


def _write_memberships(tx: Tx, lines: list[OrganisationLine], ids: dict[str, int]) -> None:
    held = {(row.organisation_id, row.from_on) for row in tx.execute(select(membership))}
    fresh = [line for line in lines if (ids[line.identity], line.from_on) not in held]
    if fresh:
        tx.execute(
            membership.insert(),
            [
                {"organisation_id": ids[line.identity], "from_on": line.from_on, "until_on": line.until_on}
                for line in fresh
            ],
        )
    kept = [line for line in lines if (ids[line.identity], line.from_on) in held]
    if kept:
        statement = membership.update().where(
            membership.c.organisation_id == bindparam("of"), membership.c.from_on == bindparam("start")
        )
        tx.execute(
            statement.values(until_on=bindparam("end")),
            [{"of": ids[line.identity], "start": line.from_on, "end": line.until_on} for line in kept],
        )
