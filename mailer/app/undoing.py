"""Undoing an import, and forgetting what was noted for it."""

from mailer.app import rejects
from mailer.app.mailer import Mailer
from mailer.importing import UNDOABLE_FOR, find_undoable, forget_notes, undo_import
from mailer.model.people import ImportRun
from mailer.store import acts, imports


def undo(mailer: Mailer, run_id: int, *, by: str) -> int:
    """Undo an import in one transaction; how much of it stays, because it is somebody else's by now. Raises NotFoundError, or RefusedError with the reason."""
    at = mailer.clock.now()
    with mailer.store.write(unhurried=True) as tx:
        staying = undo_import(tx, run_id, at=at)
        acts.record(tx, at=at, by=by, act="undo-import", object=str(run_id))
    rejects.discard(mailer.settings.state, run_id)
    return staying


def forget_old(mailer: Mailer) -> None:
    """Drop what was noted of imports that can no longer be undone."""
    now = mailer.clock.now()
    with mailer.store.write() as tx:
        forget_notes(tx, before=now - UNDOABLE_FOR)
    rejects.clear(mailer.settings.state, at=now)


def history(mailer: Mailer, *, limit: int) -> tuple[list[ImportRun], frozenset[int]]:
    """The last imports, the latest first, and the numbers of those that may be undone."""
    with mailer.store.read() as tx:
        return imports.history(tx, limit=limit), find_undoable(tx, at=mailer.clock.now())
