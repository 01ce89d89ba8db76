"""Organisations and their memberships: a line is an organisation with one period of membership."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from mailer.importing.columns import Columns, Line
from mailer.importing.report import CellError, Findings, ImportReport
from mailer.importing.table import Table
from mailer.importing.values import read_date, read_number, read_siren
from mailer.model.people import OrganisationKind
from mailer.store import Tx, imports, organisations
from mailer.store.organisations import OrganisationLine
from mailer.tokens import Signer

_KIND = "organisations"
#: Without them no line says anything.
REQUIRED = ("name",)
COLUMNS = {
    "siren": ("siren", "numéro siren"),
    "name": ("nom", "name", "organisme", "organisation", "collectivité"),
    "kind": ("type", "kind", "nature"),
    "departement": ("departement",),
    "region": ("region",),
    "population": ("population", "habitants"),
    "from_on": ("adhesion depuis", "adhérent depuis", "member from"),
    "until_on": ("adhesion jusque", "adhérent jusque", "member until"),
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
}


def import_organisations(
    tx: Tx, table: Table, *, at: datetime, by: str, dry_run: bool = False, signer: Signer | None = None
) -> ImportReport:
    """Organisations found by SIREN, else by a name that only one of them bears; the same file again changes nothing.

    A line without a last day reopens no membership that was ended: that is an act of the desk, or a new period. Further lines of one organisation add their periods of membership to it.
    """
    del signer  # the same signature as the other imports
    columns = Columns(table, COLUMNS, required=REQUIRED)
    findings = Findings()
    taken, naming = _taken(tx, columns, findings)
    for ended in sorted(organisations.ended(tx, taken), key=naming.__getitem__):
        findings.note(naming[ended], columns.heading("until_on"), "ended", ended[1].isoformat())
    run_id = None if dry_run else imports.begin(tx, kind=_KIND, file_name=table.name, at=at, by=by)
    counts = organisations.upsert(tx, taken, at=at, run_id=run_id)
    report = findings.report(_KIND, table, counts, ignored=columns.ignored, recognised=columns.recognised)
    if run_id is not None:
        imports.conclude(tx, run_id, counts=report.counts())
    return report


def _taken(
    tx: Tx, columns: Columns, findings: Findings
) -> tuple[list[OrganisationLine], dict[tuple[str, date], int]]:
    """What the file says of each organisation, and the line that names each of their periods."""
    taken: dict[str, OrganisationLine] = {}
    naming: dict[tuple[str, date], int] = {}
    for number, found in _told_apart(tx, columns, findings):
        first = taken.get(found.identity)
        findings.duplicates += first is not None
        # The first line describes it.
        taken[found.identity] = replace(first, periods=_joined(first, found)) if first else found
        naming |= {(found.identity, from_on): number for from_on in found.periods}
    return list(taken.values()), naming


def _told_apart(tx: Tx, columns: Columns, findings: Findings) -> Iterator[tuple[int, OrganisationLine]]:
    """The lines that can be used, by number; one that may be about several namesakes is rejected as well."""
    read: dict[int, OrganisationLine] = {}
    for line in columns.lines(findings):
        try:
            read[line.number] = _read(line)
        except CellError as error:
            findings.reject(line.number, error)
    told = organisations.told_apart(tx, list(read.values()))
    for (number, said), found in zip(read.items(), told, strict=True):
        if found is None:
            findings.reject(number, CellError(columns.heading("name"), "namesakes", said.name))
        else:
            yield number, found


def _joined(first: OrganisationLine, later: OrganisationLine) -> dict[date, date | None]:
    """Of two lines that begin a period on the same day the later one that gives a last day ends it."""
    said = {from_on: until_on or first.periods.get(from_on) for from_on, until_on in later.periods.items()}
    return {**first.periods, **said}


def _read(line: Line) -> OrganisationLine:
    name = line.text("name")
    if not name:
        raise line.error("name", "name-empty")
    return OrganisationLine(
        siren=read_siren(line, "siren"),
        name=name,
        kind=_kind(line),
        departement=line.text("departement"),
        region=line.text("region"),
        population=read_number(line, "population"),
        periods=_periods(line),
    )


def _kind(line: Line) -> str:
    value = line.text("kind").casefold()
    if value and value not in _KINDS:
        raise line.error("kind", "kind")
    return _KINDS[value].value if value else ""


def _periods(line: Line) -> dict[date, date | None]:
    from_on, until_on = read_date(line, "from_on"), read_date(line, "until_on")
    if until_on is not None and (from_on is None or until_on < from_on):
        raise line.error("until_on", "period")
    return {} if from_on is None else {from_on: until_on}
