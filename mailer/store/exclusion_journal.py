"""Exclusions that only an import has asked for, so that an import of the wrong file can be undone.

Whoever asks for the same exclusion as well (the person, a bounce, a later file) makes it theirs: it is noted no longer,
and no undo takes it away.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from mailer.model.columns import table
from mailer.model.imports import ImportedExclusion
from mailer.model.people import Exclusion, ImportRun
from mailer.store.engine import Tx
from mailer.store.upserts import insert_rows

exclusion = table(Exclusion)
noted = table(ImportedExclusion)
import_run = table(ImportRun)
#: The source of an exclusion that follows from another address of the person; it is no entry of an import's file.
OTHER_ADDRESS = "other address of the person"
_KEY = ("address", "scope", "reason")
_CHUNK = 500


def note(tx: Tx, run_id: int, keys: Iterable[tuple[str, str, str]]) -> None:
    """Note exclusions (address, scope, reason) that the import has just made."""
    insert_rows(tx, noted, [{"run_id": run_id, **dict(zip(_KEY, key, strict=True))} for key in keys])


def is_kept(tx: Tx, run_id: int) -> bool:
    """Whether anything of this import may be taken back."""
    return tx.execute(select(noted.c.run_id).where(noted.c.run_id == run_id).limit(1)).first() is not None


def confirm(tx: Tx, keys: Iterable[tuple[str, str, str]]) -> None:
    """Somebody asks for these exclusions as well: they stay whatever is undone."""
    for address, scope, reason in keys:
        same = (noted.c.address == address, noted.c.scope == scope, noted.c.reason == reason)
        tx.execute(noted.delete().where(*same))


def all_noted(tx: Tx) -> set[tuple[str, str, str]]:
    """Every exclusion that may still be taken back."""
    return {tuple(row) for row in tx.execute(select(*(noted.c[name] for name in _KEY)))}


def runs_of(tx: Tx, address: str) -> dict[tuple[str, str], int]:
    """(scope, reason) -> the import that alone asks for it at this address; none of them is undone until the end."""
    rows = tx.execute(select(noted).where(noted.c.address == address).with_for_update())
    return {(row.scope, row.reason): row.run_id for row in rows}


def forget_person(tx: Tx, address: str) -> None:
    """Drop what is noted of one address."""
    tx.execute(noted.delete().where(noted.c.address == address))


def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what is noted of imports that are too old to be undone."""
    old = select(import_run.c.id).where(import_run.c.at < before)
    tx.execute(noted.delete().where(noted.c.run_id.in_(old)))


def take_back(tx: Tx, run_id: int, *, at: datetime) -> int:
    """Remove what the import alone had asked for; how many entries of its file went.

    The notes go first: whoever asks for one of them at this moment has taken its note already, or waits for us. Until
    there is none: somebody for whom we waited may have carried one to another address.
    """
    forgotten = noted.delete().where(noted.c.run_id == run_id).returning(*(noted.c[name] for name in _KEY))
    removed = 0
    while keys := [tuple(row) for row in tx.execute(forgotten)]:
        removed += _remove(tx, keys)
    tx.execute(import_run.update().where(import_run.c.id == run_id).values(undone_at=at))
    return removed


def _remove(tx: Tx, keys: Sequence[tuple[str, ...]]) -> int:
    """Remove these exclusions; how many of them are no copies of another."""
    key = tuple_(*(exclusion.c[name] for name in _KEY))
    removed = 0
    for start in range(0, len(keys), _CHUNK):
        gone = exclusion.delete().where(key.in_(keys[start : start + _CHUNK])).returning(exclusion.c.source)
        removed += sum(source != OTHER_ADDRESS for source in tx.execute(gone).scalars())
    return removed
