"""Organisations and their memberships: a line is an organisation with one period of membership."""

from datetime import datetime

from mailer.importing.columns import Columns, Line, read_date, read_number, read_siren
from mailer.importing.report import CellError, ImportReport
from mailer.importing.table import Table
from mailer.model.people import OrganisationKind
from mailer.store import Tx, imports, organisations
from mailer.store.organisations import OrganisationLine
from mailer.tokens import Signer

_COLUMNS = {
    "siren": ("siren", "numéro siren"),
    "name": ("nom", "name", "organisme", "organisation", "collectivité"),
    "kind": ("type", "kind", "nature"),
    "departement": ("departement", "département"),
    "region": ("region", "région"),
    "population": ("population", "habitants"),
    "from_on": ("adhesion_depuis", "adhésion depuis", "member from", "adhérent depuis"),
    "until_on": ("adhesion_jusque", "adhésion jusque", "member until", "adhérent jusque"),
}
_KINDS = {
    "ville": OrganisationKind.VILLE,
    "commune": OrganisationKind.VILLE,
    "intercommunalité": OrganisationKind.INTERCOMMUNALITE,
    "département": OrganisationKind.DEPARTEMENT,
    "région": OrganisationKind.REGION,
    "collectivité à statut particulier": OrganisationKind.STATUT_PARTICULIER,
    "autre": OrganisationKind.OTHER,
    "other": OrganisationKind.OTHER,
    "": OrganisationKind.OTHER,
}


def import_organisations(
    tx: Tx, table: Table, *, at: datetime, by: str, dry_run: bool = False, signer: Signer | None = None
) -> ImportReport:
    """Organisations found by SIREN, else by name; the same file again changes nothing."""
    del signer  # the same signature as the other imports
    columns = Columns(table, _COLUMNS, required=("name",))
    report = ImportReport("organisations", encoding=table.encoding, ignored_columns=columns.ignored)
    taken: dict[str, OrganisationLine] = {}
    for line in columns.lines():
        try:
            found = _read(line)
        except CellError as error:
            report.reject(line.number, error.column, error.reason, error.value)
            continue
        report.duplicates += found.identity in taken
        taken.setdefault(found.identity, found)
    report.new, report.changed, report.unchanged = organisations.upsert(
        tx, list(taken.values()), at=at, dry_run=dry_run
    )
    if not dry_run:
        imports.record(tx, kind=report.kind, file_name=table.name, at=at, by=by, counts=report.counts())
    return report


def _read(line: Line) -> OrganisationLine:
    name = line.cell("name")
    if not name:
        raise CellError(line.heading("name"), "name-empty", "")
    return OrganisationLine(
        siren=read_siren(line, "siren"),
        name=name,
        kind=_kind(line).value,
        departement=line.cell("departement"),
        region=line.cell("region"),
        population=read_number(line, "population"),
        from_on=read_date(line, "from_on"),
        until_on=read_date(line, "until_on"),
    )


def _kind(line: Line) -> OrganisationKind:
    value = line.cell("kind").casefold()
    if value not in _KINDS:
        raise CellError(line.heading("kind"), "kind", value)
    return _KINDS[value]
