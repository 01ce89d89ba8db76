"""The last answers from outside: looked up when somebody asks, read at every check."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.lookups import Lookup
from mailer.store.engine import Tx
from mailer.store.rows import all_of
from mailer.store.upserts import insert_into

lookup = table(Lookup)
#: An answer that is older tells nothing of today.
KEPT_FOR = timedelta(days=7)
_CHUNK = 500


def record(tx: Tx, *, kind: str, seen: Mapping[str, tuple[str, str]], at: datetime) -> None:
    """Keep what was just seen, subject -> (state, detail), in place of what was known."""
    for subject, (state, detail) in seen.items():
        values = {"state": state, "detail": detail[:2000], "looked_at": at}
        new = insert_into(tx, lookup).values(kind=kind, subject=subject, **values)
        tx.execute(new.on_conflict_do_update(index_elements=["kind", "subject"], set_=values))


def known(tx: Tx, kind: str, subjects: Collection[str], *, at: datetime) -> dict[str, Lookup]:
    """What is known of these, as far as it is not too old."""
    wanted, found = list(subjects), []
    for start in range(0, len(wanted), _CHUNK):
        these = lookup.c.subject.in_(wanted[start : start + _CHUNK])
        fresh = lookup.c.looked_at > at - KEPT_FOR
        found += all_of(tx, Lookup, select(lookup).where(lookup.c.kind == kind, these, fresh))
    return {each.subject: each for each in found}


def purge(tx: Tx, *, before: datetime) -> None:
    tx.execute(lookup.delete().where(lookup.c.looked_at < before))
