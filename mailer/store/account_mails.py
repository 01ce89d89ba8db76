"""Mails about accounts that wait to leave; each is claimed before its first byte and dropped once it is over."""

from datetime import datetime

from sqlalchemy import func, select

from mailer.model.accounts import AccountMail, LinkPurpose
from mailer.model.columns import table
from mailer.store.engine import Tx
from mailer.store.rows import all_of

mail = table(AccountMail)


def add(tx: Tx, address: str, purpose: LinkPurpose, *, at: datetime) -> None:
    """One more mail to this address; whether there is such an account is looked up when it leaves."""
    row = {"address": address, "purpose": purpose.value, "at": at, "not_before": at, "handed_over_at": None}
    tx.execute(mail.insert().values(**row))


def waiting(tx: Tx, *, at: datetime, limit: int) -> list[AccountMail]:
    """Those that are still to be handed over, the oldest first."""
    due = select(mail).where(mail.c.handed_over_at.is_(None), mail.c.not_before <= at)
    return all_of(tx, AccountMail, due.order_by(mail.c.id).limit(limit))


def count_waiting(tx: Tx) -> int:
    return int(tx.execute(select(func.count()).where(mail.c.handed_over_at.is_(None))).scalar_one())


def take(tx: Tx, mail_id: int, *, at: datetime) -> bool:
    """Claim the hand-over; whether nobody else had."""
    free = mail.update().where(mail.c.id == mail_id, mail.c.handed_over_at.is_(None))
    return tx.execute(free.values(handed_over_at=at)).rowcount == 1


def put_back(tx: Tx, mail_id: int, *, not_before: datetime) -> None:
    """The provider certainly did not take it: it is tried again later."""
    values = {"handed_over_at": None, "not_before": not_before}
    tx.execute(mail.update().where(mail.c.id == mail_id).values(**values))


def drop(tx: Tx, mail_id: int) -> None:
    tx.execute(mail.delete().where(mail.c.id == mail_id))


def forget(tx: Tx, address: str) -> None:
    """Drop whatever still waits for this address."""
    tx.execute(mail.delete().where(mail.c.address == address))


def purge(tx: Tx, *, before: datetime) -> None:
    """Drop what has waited, or been in doubt, for too long: its question is no longer asked."""
    tx.execute(mail.delete().where(mail.c.at < before))
