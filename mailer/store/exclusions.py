"""Addresses that must not be written to; rows are only ever added.

On PostgreSQL an exclusion locks the contact's row before it is written: a sender's intent takes a share lock on the
same row, so one of the two sees the other.
"""

from datetime import datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import Contact, Exclusion, ExclusionReason
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

exclusion = table(Exclusion)
contact = table(Contact)


def add(tx: Tx, *, address: str, scope: str, reason: str, at: datetime, source: str) -> bool:
    """Exclude an address; whether that was new."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(contact.c.id).where(contact.c.address == address).with_for_update())
    values = {"address": address, "scope": scope, "reason": reason, "at": at, "source": source}
    return insert_new(tx, exclusion, values)


def known(tx: Tx) -> set[tuple[str, str, str]]:
    """Every (address, scope, reason)."""
    rows = tx.execute(select(exclusion.c.address, exclusion.c.scope, exclusion.c.reason))
    return {(address, scope, reason) for address, scope, reason in rows}


def erased(tx: Tx) -> set[str]:
    """The digests of people who asked to be erased."""
    rows = tx.execute(select(exclusion.c.address).where(exclusion.c.reason == ExclusionReason.ERASED.value))
    return set(rows.scalars())
