"""Undoing the last import of contacts, for seven days, as long as nothing stands on top of it.

Exclusions and unsubscriptions that were made since are somebody's decision: an import with one on top is not undone.
"""

from datetime import datetime, timedelta

from mailer.errors import RefusedError
from mailer.store import Tx, imports, journal

#: How long an import may be undone, and what it changed is kept.
UNDOABLE_FOR = timedelta(days=7)


def find_undoable(tx: Tx, *, at: datetime) -> int | None:
    """The import that may be undone unless somebody has changed something since; None without one."""
    latest = imports.latest_of_contacts(tx)
    if latest is None or imports.get(tx, latest).at < at - UNDOABLE_FOR or not journal.is_kept(tx, latest):
        return None
    return latest


def undo_import(tx: Tx, run_id: int, *, at: datetime) -> None:
    """Put contacts, subscriptions and answers back as they were before; raises RefusedError with the reason."""
    run = imports.get(tx, run_id)
    if run.undone_at is not None:
        raise RefusedError("This import is undone already.")
    if run.kind != "contacts":
        raise RefusedError(
            "Only an import of contacts can be undone: an exclusion is never lifted by a file."
        )
    if run.at < at - UNDOABLE_FOR or not journal.is_kept(tx, run_id):
        raise RefusedError("This import changed nothing, or is older than seven days: nothing was undone.")
    if run_id != imports.latest_of_contacts(tx):
        raise RefusedError("Another import of contacts came after this one. Undo that one first.")
    _require_untouched(tx, run_id, run.at)
    journal.take_back(tx, run_id, at=at, source=f"undone: import {run.file_name}")


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
