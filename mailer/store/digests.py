"""Figures by mail: which letters are due, and who has had theirs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, func, select

from mailer.model.accounts import User
from mailer.model.columns import table
from mailer.model.digests import Digest, DigestChoice
from mailer.model.ledger import Send, SendState
from mailer.store.engine import Tx
from mailer.store.rows import all_of
from mailer.store.upserts import insert_new

digest = table(Digest)
choice = table(DigestChoice)
user = table(User)
send = table(Send)
#: Sends whose copies have all left.
_LEFT = (SendState.SETTLING.value, SendState.DONE.value)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An account that wants the figures of this campaign's letters."""

    campaign: str
    address: str
    language: str
    chosen_at: datetime


def choices(tx: Tx, user_id: int) -> set[str]:
    """The campaigns whose figures an account has asked for."""
    return set(tx.execute(select(choice.c.campaign).where(choice.c.user_id == user_id)).scalars())


def choose(tx: Tx, user_id: int, wanted: Collection[str], *, at: datetime) -> None:
    """Exactly these campaigns from now on; what was chosen before keeps its day."""
    mine = choice.c.user_id == user_id
    tx.execute(choice.delete().where(mine, choice.c.campaign.notin_(wanted)))
    for campaign in sorted(wanted):
        insert_new(tx, choice, {"user_id": user_id, "campaign": campaign, "chosen_at": at})


def chosen(tx: Tx) -> list[Chosen]:
    """Every choice of accounts that are used: none of one that is deactivated, or that nobody has come into yet."""
    is_used = user.c.disabled_at.is_(None) & ((user.c.password_hash != "") | (user.c.subject != ""))
    found = select(choice.c.campaign, user.c.address, user.c.language, choice.c.chosen_at)
    joined = found.join(user, user.c.id == choice.c.user_id).where(is_used)
    return [Chosen(*row) for row in tx.execute(joined.order_by(user.c.id, choice.c.campaign))]


def letters(tx: Tx, *, since: datetime, until: datetime) -> list[Send]:
    """Sends whose last copy left in [since, until], the earliest first: one that rested meanwhile is told after it has left."""
    left_at = func.coalesce(send.c.handed_over_at, send.c.started_at)
    left = (send.c.state.in_(_LEFT), left_at >= since, left_at <= until)
    return all_of(tx, Send, select(send).where(*left).order_by(left_at, send.c.id))


def done(tx: Tx, send_ids: Sequence[int], *, at: datetime) -> set[tuple[int, str]]:
    """(send, reader) of those that were claimed, or that must rest for now."""
    settled = digest.c.handed_over_at.isnot(None) | (digest.c.not_before > at)
    found = select(digest.c.send_id, digest.c.reader).where(digest.c.send_id.in_(send_ids), settled)
    return {(row.send_id, row.reader) for row in tx.execute(found)}


def take(tx: Tx, send_id: int, reader: str, *, at: datetime) -> bool:
    """Claim one mail, before its first byte leaves; whether nobody else had."""
    values = {"send_id": send_id, "reader": reader, "not_before": at, "handed_over_at": None}
    insert_new(tx, digest, values)
    free = _one(send_id, reader).where(digest.c.handed_over_at.is_(None))
    return tx.execute(free.values(handed_over_at=at)).rowcount == 1


def put_back(tx: Tx, send_id: int, reader: str, *, not_before: datetime) -> None:
    """The provider certainly did not take the mail: it is tried again later."""
    tx.execute(_one(send_id, reader).values(handed_over_at=None, not_before=not_before))


def _one(send_id: int, reader: str) -> Update:
    return digest.update().where(digest.c.send_id == send_id, digest.c.reader == reader)
