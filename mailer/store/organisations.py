"""Organisations and memberships, read and written in bulk."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from mailer.model.columns import table
from mailer.model.people import Membership, Organisation, OrganisationKind
from mailer.store import organisation_journal
from mailer.store.engine import Tx
from mailer.store.upserts import Counts, insert_rows

organisation = table(Organisation)
membership = table(Membership)
_OWN = ("siren", "name", "kind", "departement", "region", "population")


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """What an import says of one organisation; what is empty or None is not said, and changes nothing."""

    siren: str | None
    name: str
    kind: str
    departement: str
    region: str
    population: int | None
    #: First day of membership -> last day; None ends nothing, and reopens nothing that was ended.
    periods: Mapping[date, date | None]

    @property
    def identity(self) -> str:
        return self.siren or self.name


def hold(tx: Tx) -> None:
    """On PostgreSQL nobody else writes to organisations until the end: of two files that bring one, the second finds it."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE")


def ids_by_siren(tx: Tx) -> dict[str, int]:
    rows = tx.execute(select(organisation.c.siren, organisation.c.id).where(organisation.c.siren.isnot(None)))
    return {row.siren: row.id for row in rows}


def names(tx: Tx) -> list[tuple[int, str]]:
    """The number and the name of every organisation."""
    return [(row.id, row.name) for row in tx.execute(select(organisation.c.id, organisation.c.name))]


def told_apart(known: "Known", lines: Sequence[OrganisationLine]) -> list[OrganisationLine | None]:
    """The same lines, each with the SIREN of its organisation if that has one; None for one of several namesakes.

    A line without SIREN is about the organisation that bears its name once the lines with one are written: that is
    the same, whether they are written for the first time or were before.
    """
    bearers = known.bearers()
    return [line if line.siren else _told(line, bearers.get(line.name, [None])) for line in lines]


def ended(known: "Known", lines: Sequence[OrganisationLine]) -> set[tuple[str, date]]:
    """(identity, first day) of what the lines give no last day for, and that has one: it stays ended."""
    return {
        (line.identity, from_on)
        for line in lines
        for from_on, until_on in line.periods.items()
        if until_on is None and known.periods_of(line).get(from_on) is not None
    }


def upsert(
    tx: Tx, known: "Known", lines: Sequence[OrganisationLine], *, at: datetime, run_id: int | None
) -> Counts:
    """Write organisations, one line each, as `told_apart` gives them, and memberships.

    What changes is noted under the number of the import; without one nothing is written, only counted.
    """
    rows = [known.find(line) for line in lines]
    fresh = [line for line, row in zip(lines, rows, strict=True) if row is None]
    seen = [(line, row) for line, row in zip(lines, rows, strict=True) if row is not None]
    changed = [(line, row) for line, row in seen if known.is_news(line, row)]
    if run_id is not None:
        organisation_journal.note(tx, run_id, [row.id for _, row in changed], is_new=False)
        insert_rows(tx, organisation, [_values(line, None) | _stamps(at, at) for line in fresh])
        _update(tx, changed, at)
        now = Known(tx, lines)
        organisation_journal.note(tx, run_id, now.ids(fresh), is_new=True)
        _write_periods(tx, run_id, now, [*fresh, *(line for line, _ in changed)])
    return Counts(new=len(fresh), changed=len(changed), unchanged=len(seen) - len(changed))


class Known:
    """What is stored before the lines of a file are written, looked up in memory: a network has hundreds of
    organisations, France 35,000.
    """

    def __init__(self, tx: Tx, lines: Sequence[OrganisationLine]) -> None:
        self._rows = list(tx.execute(select(organisation)))
        self._by_siren = {row.siren: row for row in self._rows if row.siren}
        self._unnumbered = {row.name: row for row in self._rows if not row.siren}
        self._stored = Counter(row.name for row in self._rows)
        #: The first line of each SIREN describes it.
        self._described: dict[str, str] = {}
        for line in lines:
            if line.siren:
                self._described.setdefault(line.siren, line.name)
        fresh = (name for siren, name in self._described.items() if siren not in self._by_siren)
        self._claims = Counter(fresh)
        self._periods = defaultdict[int, dict[date, date | None]](dict)
        for row in tx.execute(select(membership)):
            self._periods[row.organisation_id][row.from_on] = row.until_on

    def find(self, line: OrganisationLine) -> Row[Any] | None:
        if not line.siren:
            return self._unnumbered.get(line.name)
        return self._by_siren.get(line.siren) or self._numbered(line.name)

    def _numbered(self, name: str) -> Row[Any] | None:
        """The one without SIREN that a new SIREN of its name belongs to; of two numbers nobody knows which."""
        return self._unnumbered.get(name) if self._stored[name] == self._claims[name] == 1 else None

    def bearers(self) -> dict[str, list[str | None]]:
        """Name -> the SIREN of each organisation that bears it once the lines are written, None for one without."""
        borne: dict[str, list[str | None]] = defaultdict(list)
        for row in self._rows:
            if row.siren not in self._described and (row.siren or self._numbered(row.name) is None):
                borne[row.name].append(row.siren)
        for siren, name in self._described.items():
            borne[name].append(siren)
        return borne

    def ids(self, lines: Sequence[OrganisationLine]) -> list[int]:
        """The numbers of these organisations."""
        return [row.id for line in lines if (row := self.find(line)) is not None]

    def is_news(self, line: OrganisationLine, row: Row[Any]) -> bool:
        if any(getattr(row, name) != value for name, value in _values(line, row).items()):
            return True
        return bool(self.fresh_periods(line))

    def periods_of(self, line: OrganisationLine) -> dict[date, date | None]:
        """First day -> last day, of the organisation that the line is about; none of a new one."""
        row = self.find(line)
        return {} if row is None else dict(self._periods[row.id])

    def fresh_periods(self, line: OrganisationLine) -> dict[date, date | None]:
        """Those of the line that begin something, or end it on another day than is known."""
        held = self.periods_of(line)
        return {
            from_on: until_on
            for from_on, until_on in line.periods.items()
            if from_on not in held or until_on not in {None, held[from_on]}
        }


def _told(line: OrganisationLine, bearers: Sequence[str | None]) -> OrganisationLine | None:
    return replace(line, siren=bearers[0]) if len(bearers) == 1 else None


def _values(line: OrganisationLine, row: Row[Any] | None) -> dict[str, Any]:
    """The organisation as the line leaves it."""
    said = {name: getattr(line, name) for name in _OWN}
    if row is not None:
        return {name: value or getattr(row, name) for name, value in said.items()}
    return said | {"kind": line.kind or OrganisationKind.OTHER.value}


def _stamps(created_at: datetime, updated_at: datetime) -> dict[str, datetime]:
    return {"created_at": created_at, "updated_at": updated_at}


def _update(tx: Tx, changed: Sequence[tuple[OrganisationLine, Row[Any]]], at: datetime) -> None:
    statement = organisation.update().where(organisation.c.id == bindparam("key"))
    statement = statement.values({name: bindparam(f"new_{name}") for name in (*_OWN, "updated_at")})
    values = [
        {"key": row.id, "new_updated_at": at}
        | {f"new_{name}": value for name, value in _values(line, row).items()}
        for line, row in changed
    ]
    if values:
        tx.execute(statement, values)


def _write_periods(tx: Tx, run_id: int, known: Known, lines: Sequence[OrganisationLine]) -> None:
    said = {
        (row.id, from_on): until_on
        for line in lines
        if (row := known.find(line)) is not None
        for from_on, until_on in known.fresh_periods(line).items()
    }
    held = {
        (row.id, from_on): until_on
        for line in lines
        if (row := known.find(line)) is not None
        for from_on, until_on in known.periods_of(line).items()
    }
    organisation_journal.note_periods(
        tx, run_id, ((*key, key not in held, held.get(key), until_on) for key, until_on in said.items())
    )
    columns = ("organisation_id", "from_on", "until_on")
    fresh = [(*key, until_on) for key, until_on in said.items() if key not in held]
    insert_rows(tx, membership, [dict(zip(columns, values, strict=True)) for values in fresh])
    kept = [{"of": key[0], "start": key[1], "end": until_on} for key, until_on in said.items() if key in held]
    if kept:
        same = (membership.c.organisation_id == bindparam("of"), membership.c.from_on == bindparam("start"))
        tx.execute(membership.update().where(*same).values(until_on=bindparam("end")), kept)
