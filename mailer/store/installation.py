"""The installation's id stands in the database and in a file beside it: a copied or restored database does not send."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Installation
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new
from mailer.tokens import random_text

installation = table(Installation)
FILE_NAME = "installation"


def is_ours(tx: Tx, state: Path, *, at: datetime) -> bool:
    """Whether this database belongs to this installation; the very first start marries the two.

    A file without a database, or a database without its file, is a restored or copied one.
    """
    path = state / FILE_NAME
    stored = tx.execute(select(installation.c.installation_id)).scalar_one_or_none()
    written = path.read_text("ascii").strip() if path.exists() else None
    if stored is None and written is None:
        new = random_text(16)
        state.mkdir(parents=True, exist_ok=True)
        path.write_text(new + "\n", "ascii")
        insert_new(tx, installation, {"id": 1, "installation_id": new, "created_at": at})
        return True
    return stored is not None and stored == written
