"""Undoing an import, for seven days.

Contacts go back together, or not at all: a person's decision on top of one refuses the whole. Exclusions and
organisations go back one by one, and what somebody has asked for or changed since stays: how many, is said.
"""

from datetime import datetime, timedelta

from mailer.errors import RefusedError
from mailer.model.people import ImportRun
from mailer.store import Tx, exclusion_journal, imports, journal, organisation_journal

#: How long an import may be undone, and what it changed is kept.
UNDOABLE_FOR = timedelta(days=7)
#: Kinds of which a later import stands on top of an earlier one.
_ORDERED = ("contacts", "organisations")
_IS_KEPT = {
    "contacts": journal.is_kept,
    "exclusions": exclusion_journal.is_kept,
    "organisations": organisation_journal.is_kept,
}


def find_undoable(tx: Tx, *, at: datetime) -> frozenset[int]:
    """The imports that may be undone, as far as nobody has changed something since."""
    recent = imports.since(tx, at - UNDOABLE_FOR)
    return frozenset(run.id for run in recent if run.id is not None and not _refusal(tx, run, at))


def undo_import(tx: Tx, run_id: int, *, at: datetime) -> int:
    """Put everything back as it was before; how much stays, because somebody has asked for it or changed it since.

    Raises RefusedError with the reason.
    """
    run = imports.get(tx, run_id)
    refusal = _refusal(tx, run, at)
    if refusal is not None:
        raise refusal
    if run.kind == "exclusions":
        removed = exclusion_journal.take_back(tx, run_id, at=at)
        return int(run.counts.get("new", removed)) - removed
    if run.kind == "organisations":
        return organisation_journal.take_back(tx, run_id, imported_at=run.at, at=at)
    _require_untouched(tx, run_id, run.at)
    journal.take_back(tx, run_id, at=at, source=f"undone: import {run.file_name}")
    return 0


def forget_notes(tx: Tx, *, before: datetime) -> None:
    """Drop what is noted of imports that are too old to be undone."""
    for each in (journal, exclusion_journal, organisation_journal):
        each.forget(tx, before=before)


def _refusal(tx: Tx, run: ImportRun, at: datetime) -> RefusedError | None:
    assert run.id is not None
    if run.undone_at is not None:
        return RefusedError("This import is undone already.")
    if run.at < at - UNDOABLE_FOR or not _IS_KEPT[run.kind](tx, run.id):
        return RefusedError("This import changed nothing, or is older than seven days: nothing was undone.")
    if run.kind in _ORDERED and run.id != imports.latest_of(tx, run.kind):
        return RefusedError("Another import of the same kind came after this one. Undo that one first.")
    return None


def _require_untouched(tx: Tx, run_id: int, imported_at: datetime) -> None:
    changed = journal.changed_since(tx, run_id, at=imported_at)
    if changed:
        raise RefusedError(
            "{count} of these people have decided or changed something since the import. Nothing was undone.",
            count=changed,
        )
    written = journal.written_to(tx, run_id)
    if written:
        raise RefusedError(
            "A letter left for {count} of these people since the import, and why must stay known. Nothing was undone.",
            count=written,
        )
