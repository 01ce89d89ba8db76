"""Requests to sign up: kept until their link is over, confirmed once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.people import SignupRequest
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first

request = table(SignupRequest)


def create(tx: Tx, new: SignupRequest) -> None:
    tx.execute(request.insert().values(**new.model_dump(exclude={"id"})))


def count_recent(tx: Tx, address: str, *, since: datetime) -> int:
    """How many requests name this address since then."""
    found = select(func.count()).where(request.c.address == address, request.c.at >= since)
    return int(tx.execute(found).scalar_one())


def find(tx: Tx, key: str) -> SignupRequest | None:
    return first(tx, SignupRequest, select(request).where(request.c.key == key))


def waiting(tx: Tx, *, at: datetime, limit: int) -> list[SignupRequest]:
    """Those whose mail is still to be handed over, the oldest first."""
    due = (request.c.handed_over_at.is_(None), request.c.not_before <= at, request.c.expires_at > at)
    return all_of(tx, SignupRequest, select(request).where(*due).order_by(request.c.id).limit(limit))


def take(tx: Tx, key: str, *, at: datetime) -> bool:
    """Claim the hand-over of one mail, before its first byte leaves; whether nobody else had."""
    free = request.update().where(request.c.key == key, request.c.handed_over_at.is_(None))
    return tx.execute(free.values(handed_over_at=at)).rowcount == 1


def put_back(tx: Tx, key: str, *, not_before: datetime) -> None:
    """The provider certainly did not take the mail: it is tried again later."""
    tx.execute(
        request.update().where(request.c.key == key).values(handed_over_at=None, not_before=not_before)
    )


def confirm(tx: Tx, key: str, *, at: datetime) -> bool:
    """Whether it was still to be confirmed: of two clicks one is the first."""
    open_ones = request.update().where(request.c.key == key, request.c.confirmed_at.is_(None))
    return tx.execute(open_ones.values(confirmed_at=at)).rowcount == 1


def counts(tx: Tx, *, at: datetime) -> tuple[int, int]:
    """How many wait for their click, and how many were confirmed while their link still held."""
    confirmed = func.count(request.c.confirmed_at)
    row = tx.execute(select(func.count() - confirmed, confirmed).where(request.c.expires_at > at)).one()
    return int(row[0]), int(row[1])


def purge(tx: Tx, *, at: datetime) -> None:
    """Drop those whose link is over."""
    tx.execute(request.delete().where(request.c.expires_at <= at))


def forget(tx: Tx, addresses: Sequence[str]) -> int:
    """Drop every request of these addresses; how many."""
    return tx.execute(request.delete().where(request.c.address.in_(addresses))).rowcount
