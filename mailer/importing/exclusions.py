"""Addresses that must not be written to: unsubscribed elsewhere, dead, complained."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

from mailer.importing.columns import Columns, Line
from mailer.importing.erasures import Erasures
from mailer.importing.report import CellError, Findings, ImportReport
from mailer.importing.table import Table
from mailer.importing.values import read_address, read_date
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.store import Tx, exclusion_journal, exclusions, imports, moves
from mailer.store.upserts import Counts
from mailer.tokens import Signer

_KIND = "exclusions"
#: Without them no line says anything.
REQUIRED = ("address",)
COLUMNS = {
    "address": ("courriel", "e-mail", "email", "adresse e-mail", "mail", "adresse", "address"),
    "date": ("date", "le"),
    "reason": ("motif", "reason", "raison"),
}
_REASONS = {
    "": ExclusionReason.BY_HAND,
    "désinscription": ExclusionReason.UNSUBSCRIBED,
    "désinscrit": ExclusionReason.UNSUBSCRIBED,
    "unsubscribed": ExclusionReason.UNSUBSCRIBED,
    "adresse inexistante": ExclusionReason.HARD_BOUNCE,
    "hard bounce": ExclusionReason.HARD_BOUNCE,
    "plainte": ExclusionReason.COMPLAINT,
    "complaint": ExclusionReason.COMPLAINT,
    "à la main": ExclusionReason.BY_HAND,
    "by hand": ExclusionReason.BY_HAND,
}


def import_exclusions(
    tx: Tx, table: Table, *, at: datetime, by: str, dry_run: bool = False, signer: Signer | None = None
) -> ImportReport:
    """Every address is excluded from everything; repeated lines change nothing, none is ever lifted.

    What is refused at a former address is refused at the present one of the person.
    """
    columns = Columns(table, COLUMNS, required=REQUIRED)
    findings = Findings()
    moved = moves.present_addresses(tx)
    taken = _taken(columns, findings, Erasures(tx, signer), at=at, moved=moved)
    known = exclusions.known(tx)
    fresh = {each: since for each, since in taken.items() if (each[0], EVERYTHING, each[1]) not in known}
    counts = Counts(new=len(fresh), changed=0, unchanged=len(taken) - len(fresh))
    report = findings.report(_KIND, table, counts, ignored=columns.ignored, recognised=columns.recognised)
    if not dry_run:
        run_id = imports.begin(tx, kind=_KIND, file_name=table.name, at=at, by=by)
        exclusion_journal.confirm(tx, _of_earlier_imports(tx, taken, moved))
        exclusion_journal.note(tx, run_id, _added(tx, fresh, source=table.name, at=at))
        _follow(tx, fresh, at=at)
        imports.conclude(tx, run_id, counts=report.counts())
    return report


def _added(
    tx: Tx, fresh: Mapping[tuple[str, str], datetime], *, source: str, at: datetime
) -> list[tuple[str, str, str]]:
    """Exclude them; those that nobody else has excluded in the meantime."""
    return [
        (address, EVERYTHING, reason)
        for (address, reason), since in fresh.items()
        if exclusions.add(
            tx, address=address, scope=EVERYTHING, reason=reason, at=since, source=source, told_at=at
        )
    ]


def _follow(tx: Tx, fresh: Iterable[tuple[str, str]], *, at: datetime) -> None:
    """Carry what is newly refused at former addresses to the present ones; asked again: somebody may have moved meanwhile."""
    moved = moves.present_addresses(tx)
    for address, reason in sorted(each for each in fresh if each[0] in moved):
        moves.follow(tx, address, scope=EVERYTHING, reason=reason, at=at)


def _of_earlier_imports(
    tx: Tx, taken: Iterable[tuple[str, str]], moved: Mapping[str, str]
) -> set[tuple[str, str, str]]:
    """Those of the file that an earlier import alone had asked for: now two files ask for them."""
    asked = {(address, EVERYTHING, reason) for address, reason in taken}
    asked |= {
        (moved[address], EVERYTHING, reason)
        for address, reason in taken
        if address in moved and reason in moves.REFUSALS
    }
    return asked & exclusion_journal.all_noted(tx)


def _taken(
    columns: Columns, findings: Findings, erasures: Erasures, *, at: datetime, moved: Mapping[str, str]
) -> dict[tuple[str, str], datetime]:
    """(address, reason) -> since when; the first line of each counts."""
    taken: dict[tuple[str, str], datetime] = {}
    for line in columns.lines(findings):
        try:
            address = read_address(line, "address")
            erasures.refuse(line, address)
            reason, since = _read(line, at)
        except CellError as error:
            findings.reject(line.number, error)
            continue
        if address in moved and reason in moves.REFUSALS:
            findings.note(line.number, columns.heading("address"), "moved", address)
        findings.duplicates += (address, reason) in taken
        taken.setdefault((address, reason), since)
    return taken


def _read(line: Line, at: datetime) -> tuple[str, datetime]:
    """Why, and since when."""
    reason = _REASONS.get(line.text("reason").casefold())
    if reason is None:
        raise line.error("reason", "reason")
    day = read_date(line, "date")
    return reason.value, datetime.combine(day, time(), UTC) if day else at
