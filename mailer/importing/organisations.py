"""Organisations and their memberships: a line is an organisation with one period of membership."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from mailer.importing.columns import Columns, Line
from mailer.importing.report import CellError, Findings, ImportReport
from mailer.importing.table import Table
from mailer.importing.values import read_date, read_number, read_siren
from mailer.model.people import OrganisationKind
from mailer.store import Tx, imports, organisations
from mailer.store.organisations import Known, OrganisationLine
from mailer.tokens import Signer

_KIND = "organisations"
#: A line by its number in the file.
_Told = tuple[int, OrganisationLine]
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
    if not dry_run:
        organisations.hold(tx)
    known, told = _told_apart(tx, columns, findings)
    taken, naming = _taken(_side_by_side(known, told, columns, findings), findings)
    for ended in sorted(organisations.ended(known, taken), key=naming.__getitem__):
        findings.note(naming[ended], columns.heading("until_on"), "ended", ended[1].isoformat())
    run_id = None if dry_run else imports.begin(tx, kind=_KIND, file_name=table.name, at=at, by=by)
    counts = organisations.upsert(tx, known, taken, at=at, run_id=run_id)
    report = findings.report(_KIND, table, counts, ignored=columns.ignored, recognised=columns.recognised)
    if run_id is not None:
        imports.conclude(tx, run_id, counts=report.counts())
    return report


def _taken(
    told: Iterable[_Told], findings: Findings
) -> tuple[list[OrganisationLine], dict[tuple[str, date], int]]:
    """What the file says of each organisation, and the line that names each of their periods."""
    taken: dict[str, OrganisationLine] = {}
    naming: dict[tuple[str, date], int] = {}
    for number, found in told:
        first = taken.get(found.identity)
        findings.duplicates += first is not None
        # The first line describes it.
        taken[found.identity] = replace(first, periods=_joined(first, found)) if first else found
        naming |= {(found.identity, from_on): number for from_on in found.periods}
    return list(taken.values()), naming


def _told_apart(tx: Tx, columns: Columns, findings: Findings) -> tuple[Known, list[_Told]]:
    """What is stored, and the lines that can be used; one that may be about several namesakes is rejected as well."""
    read: dict[int, OrganisationLine] = {}
    for line in columns.lines(findings):
        try:
            read[line.number] = _read(line)
        except CellError as error:
            findings.reject(line.number, error)
    known, told = Known(tx, list(read.values())), []
    apart = organisations.told_apart(known, list(read.values()))
    for (number, said), found in zip(read.items(), apart, strict=True):
        if found is None:
            findings.reject(number, CellError(columns.heading("name"), "namesakes", said.name))
        else:
            told.append((number, found))
    return known, told


def _side_by_side(
    known: Known, told: Sequence[_Told], columns: Columns, findings: Findings
) -> Iterator[_Told]:
    """The lines whose period stands over no other one of their organisation; one that does is rejected.

    Who ends one of two such periods would leave the other: a member for ever.
    """
    held = {found.identity: known.periods_of(found) for _, found in told}
    for _, found in told:
        # What the file ends is ended, whichever of its lines begins the next one.
        held[found.identity] |= {first: last for first, last in found.periods.items() if last is not None}
    for number, found in told:
        own = held[found.identity]
        news = {first: last or own.get(first) for first, last in known.fresh_periods(found).items()}
        over = [each for each in news.items() if _stands_over(each, own)]
        if over:
            findings.reject(number, CellError(columns.heading("from_on"), "overlap", over[0][0].isoformat()))
        else:
            own |= news
            yield number, found


def _stands_over(period: tuple[date, date | None], others: Mapping[date, date | None]) -> bool:
    from_on, until_on = period
    return any(
        first != from_on and (last is None or last >= from_on) and (until_on is None or first <= until_on)
        for first, last in others.items()
    )


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
