"""Addresses that must not be written to: unsubscribed elsewhere, dead, complained."""

from datetime import UTC, datetime, time

from mailer.addresses import AddressError, normalise
from mailer.importing.columns import Columns, Line, read_date
from mailer.importing.report import CellError, ImportReport
from mailer.importing.table import Table
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.store import Tx, exclusions, imports
from mailer.tokens import Signer

_COLUMNS = {
    "address": ("courriel", "e-mail", "email", "adresse", "mail", "address"),
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
    """Every address is excluded from everything; repeated lines change nothing, none is ever lifted."""
    del signer  # the same signature as the other imports
    columns = Columns(table, _COLUMNS, required=("address",))
    report = ImportReport("exclusions", encoding=table.encoding, ignored_columns=columns.ignored)
    known = exclusions.known(tx)
    for line in columns.lines():
        try:
            address, reason, since = _read(line, at)
        except CellError as error:
            report.reject(line.number, error.column, error.reason, error.value)
            continue
        if (address, EVERYTHING, reason) in known:
            report.unchanged += 1
            continue
        known.add((address, EVERYTHING, reason))
        report.new += 1
        if not dry_run:
            exclusions.add(tx, address=address, scope=EVERYTHING, reason=reason, at=since, source=table.name)
    if not dry_run:
        imports.record(tx, kind=report.kind, file_name=table.name, at=at, by=by, counts=report.counts())
    return report


def _read(line: Line, at: datetime) -> tuple[str, str, datetime]:
    try:
        address = normalise(line.raw("address"))
    except AddressError as error:
        raise CellError(line.heading("address"), error.reason, line.raw("address")) from error
    reason = line.cell("reason").casefold()
    if reason not in _REASONS:
        raise CellError(line.heading("reason"), "reason", reason)
    day = read_date(line, "date")
    return address, _REASONS[reason].value, datetime.combine(day, time(), UTC) if day else at
