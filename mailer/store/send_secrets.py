"""The secret of an anonymous send: drawn by the database, read by its sender, removed at its end.

It is a kilobyte long for one reason: what is so long has memory of its own, which is overwritten when it is given back
(mailer.sending.memory). A short one would stay among Python's small objects for nobody knows how long.
"""

from typing import Any

from sqlalchemy import func, literal_column, select

from mailer.model.columns import table
from mailer.model.ledger import SendSecret
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

secret = table(SendSecret)
_BYTES = 1024


def draw(tx: Tx, send_id: int) -> None:
    """Safe to repeat. The database draws it, so that no copy of it is made here."""
    new = insert_into(tx, secret).from_select(
        ["send_id", "secret"], select(literal_column(str(send_id)), _drawn(tx))
    )
    tx.execute(new.on_conflict_do_nothing())


def _drawn(tx: Tx) -> Any:
    if tx.dialect.name == "sqlite":
        return func.randomblob(_BYTES)
    # Each uuid holds 122 bits of the server's strong randomness.
    pieces = func.generate_series(1, _BYTES // 16).table_valued("n")
    return (
        select(func.string_agg(func.uuid_send(func.gen_random_uuid()), literal_column("''::bytea")))
        .select_from(pieces)
        .scalar_subquery()
    )


def read(tx: Tx, send_id: int) -> bytearray:
    """Empty once it is removed; whoever reads it overwrites it afterwards."""
    found = tx.execute(select(secret.c.secret).where(secret.c.send_id == send_id)).scalar()
    return bytearray(found or b"")


def forget(tx: Tx, send_id: int) -> None:
    tx.execute(secret.delete().where(secret.c.send_id == send_id))
