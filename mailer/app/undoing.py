"""Undoing an import, and forgetting what was noted for it."""

from mailer.app.mailer import Mailer
from mailer.importing import UNDOABLE_FOR, undo_import
from mailer.store import acts, journal


def undo(mailer: Mailer, run_id: int, *, by: str) -> None:
    """Undo an import in one transaction; raises NotFoundError, or RefusedError with the reason."""
    at = mailer.clock.now()
    with mailer.store.write(unhurried=True) as tx:
        undo_import(tx, run_id, at=at)
        acts.record(tx, at=at, by=by, act="undo-import", object=str(run_id))


def forget_old(mailer: Mailer) -> None:
    """Drop what was noted of imports that can no longer be undone."""
    with mailer.store.write() as tx:
        journal.forget(tx, before=mailer.clock.now() - UNDOABLE_FOR)
