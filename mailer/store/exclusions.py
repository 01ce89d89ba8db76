"""Addresses that must not be written to; only the person lifts their own unsubscription.

On PostgreSQL an exclusion locks the contact's row before it is written: a sender's intent takes a share lock on the
same row, so one of the two sees the other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.outgoing import Happening
from mailer.model.people import EVERYTHING, Contact, Exclusion, ExclusionReason
from mailer.store import exclusion_journal, outbox
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

#: How a fingerprint begins, for LIKE: the address of somebody who is no longer here.
FINGERPRINT = "hmac:%"
exclusion = table(Exclusion)
contact = table(Contact)


def add(
    tx: Tx,
    *,
    address: str,
    scope: str,
    reason: str,
    at: datetime,
    source: str,
    run_id: int | None = None,
    told_at: datetime | None = None,
) -> bool:
    """Exclude an address; whether that was new. Where an import had asked for it, it stands by itself from now on.

    With the number of an import it is that import alone that asks, and its undo takes this back as well. `told_at`: the
    moment of the file, whose own days are `at`; of whoever is unsubscribed by it nothing else tells.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(contact.c.id).where(contact.c.address == address).with_for_update())
    values = {"address": address, "scope": scope, "reason": reason, "at": at, "source": source}
    is_new = _insert(tx, values) if run_id is None else insert_new(tx, exclusion, values)
    if is_new and run_id is not None:
        exclusion_journal.confirm(tx, [(address, scope, reason)])  # one that was lifted may still be noted
        exclusion_journal.note(tx, run_id, [(address, scope, reason)])
    is_told_so = reason != ExclusionReason.UNSUBSCRIBED.value or told_at is not None
    if is_new and is_told_so and outbox.is_wanted(tx, Happening.EXCLUDED):
        number = tx.execute(select(contact.c.id).where(contact.c.address == address)).scalar_one_or_none()
        if number is not None:
            data = {"contact_id": number, "scope": scope, "reason": reason}
            outbox.tell(tx, Happening.EXCLUDED, data, at=told_at or at)
    return is_new


def _insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Confirmed first: an undo beside this one takes the note away before the exclusion, so one waits for the other.

    Twice, since an import beside this one may have made and noted it in between.
    """
    for _ in range(2):
        exclusion_journal.confirm(tx, [(values["address"], values["scope"], values["reason"])])
        if insert_new(tx, exclusion, values):
            return True
    return False


def lock_person(tx: Tx, contact_id: int) -> str | None:
    """The address of a contact, None once erased; on PostgreSQL nobody else writes to them until the end."""
    found = select(contact.c.address).where(contact.c.id == contact_id).with_for_update()
    return tx.execute(found).scalar_one_or_none()


def known(tx: Tx) -> set[tuple[str, str, str]]:
    """Every (address, scope, reason)."""
    rows = tx.execute(select(exclusion.c.address, exclusion.c.scope, exclusion.c.reason))
    return {(address, scope, reason) for address, scope, reason in rows}


def erased(tx: Tx) -> set[str]:
    """The digests of people who asked to be erased."""
    rows = tx.execute(select(exclusion.c.address).where(exclusion.c.reason == ExclusionReason.ERASED.value))
    return set(rows.scalars())


def fingerprints(tx: Tx) -> set[str]:
    """The digests of everybody who was erased, or excluded long ago: no list brings them back."""
    return set(tx.execute(select(exclusion.c.address).where(exclusion.c.address.like(FINGERPRINT))).scalars())


def recall(tx: Tx, address: str, digest: str) -> None:
    """Somebody comes back at their own wish: what was kept of their fingerprint is of their address again."""
    kept = tx.execute(select(exclusion).where(exclusion.c.address == digest)).all()
    for each in kept:
        add(tx, address=address, scope=each.scope, reason=each.reason, at=each.at, source=each.source)
    tx.execute(exclusion.delete().where(exclusion.c.address == digest))


def is_erased(tx: Tx, digest: str) -> bool:
    """Whether the person behind this digest asked to be erased, or was excluded long ago."""
    return (
        tx.execute(select(exclusion.c.id).where(exclusion.c.address == digest).limit(1)).first() is not None
    )


def unsubscribed_scopes(tx: Tx, address: str) -> set[str]:
    """The topics, or `*`, from which the person has unsubscribed."""
    own = (exclusion.c.address == address, exclusion.c.reason == ExclusionReason.UNSUBSCRIBED.value)
    return set(tx.execute(select(exclusion.c.scope).where(*own)).scalars())


def barred_scopes(tx: Tx, addresses: Iterable[str]) -> set[str]:
    """The topics, or `*`, that these addresses are kept from by anything but the person's own unsubscription."""
    theirs = (
        exclusion.c.address.in_(list(addresses)),
        exclusion.c.reason != ExclusionReason.UNSUBSCRIBED.value,
    )
    return set(tx.execute(select(exclusion.c.scope).where(*theirs)).scalars())


def lift_own(
    tx: Tx,
    *,
    address: str,
    topic: str,
    known: Iterable[str],
    at: datetime,
    source: str = "preference page",
) -> None:
    """The person comes back to one topic: their own unsubscription from it goes, from the other topics it stays.

    Whoever had left everything comes back to this topic only: the others are then excluded one by one.
    """
    own = (exclusion.c.address == address, exclusion.c.reason == ExclusionReason.UNSUBSCRIBED.value)
    if EVERYTHING in unsubscribed_scopes(tx, address):
        for other in known:
            if other != topic:
                reason = ExclusionReason.UNSUBSCRIBED.value
                add(tx, address=address, scope=other, reason=reason, at=at, source=source)
        tx.execute(exclusion.delete().where(*own, exclusion.c.scope == EVERYTHING))
    tx.execute(exclusion.delete().where(*own, exclusion.c.scope == topic))
