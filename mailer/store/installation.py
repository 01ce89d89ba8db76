"""The installation's id stands in the database and in a file beside it: a copied database does not send.

The file is written in two steps around the commit of the row, so that a kill between them leaves neither alone:
`installation.new` before, renamed to `installation` once the row is seen to be committed.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Installation
from mailer.store.engine import Store, Tx
from mailer.store.upserts import insert_new
from mailer.tokens import random_text

installation = table(Installation)
FILE_NAME = "installation"
_DRAFT_NAME = "installation.new"


def is_ours(tx: Tx, state: Path, *, at: datetime) -> bool:
    """Whether this database belongs to this installation; the very first start marks the two.

    A file without a row, or a row without its file, is a copied database, or one restored from before its first send.
    """
    stored, written, draft = _stored(tx), _read(state / FILE_NAME), _read(state / _DRAFT_NAME)
    if stored is None and written is None:
        _write(tx, state, draft or random_text(16), at)
        return True
    return stored is not None and stored in {written, draft}


def confirm(store: Store, state: Path) -> None:
    """After the commit of the first start: the draft becomes the file."""
    draft = _read(state / _DRAFT_NAME)
    if draft is not None:
        with store.read() as tx:
            stored = _stored(tx)
        if stored == draft:
            (state / _DRAFT_NAME).replace(state / FILE_NAME)


def adopt(tx: Tx, state: Path, *, at: datetime) -> None:
    """By a person's decision this database belongs here: both get the id of the file, or a new one."""
    tx.execute(installation.delete())
    written = _read(state / FILE_NAME)
    if written is None:
        _write(tx, state, random_text(16), at)
    else:
        insert_new(tx, installation, {"id": 1, "installation_id": written, "created_at": at})


def _stored(tx: Tx) -> str | None:
    return tx.execute(select(installation.c.installation_id)).scalar_one_or_none()


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def _write(tx: Tx, state: Path, new: str, at: datetime) -> None:
    state.mkdir(parents=True, exist_ok=True)
    (state / _DRAFT_NAME).write_text(new + "\n", "ascii")
    insert_new(tx, installation, {"id": 1, "installation_id": new, "created_at": at})
