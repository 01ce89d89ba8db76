"""Tokens of the API, found by the digest of what was presented."""

from datetime import date, datetime

from sqlalchemy import select

from mailer.model.access import ApiToken
from mailer.model.columns import table
from mailer.store.accounts import digest
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first

token = table(ApiToken)


def create(tx: Tx, new: ApiToken) -> int:
    """Keep a token; its number."""
    made = tx.execute(token.insert().values(**new.model_dump(exclude={"id"})).returning(token.c.id))
    return int(made.scalar_one())


def find(tx: Tx, secret: str, *, at: datetime) -> ApiToken | None:
    """The token that was presented, while it is neither over nor revoked."""
    alive = (token.c.digest == digest(secret), token.c.expires_at > at, token.c.revoked_at.is_(None))
    return first(tx, ApiToken, select(token).where(*alive))


def used(tx: Tx, token_id: int, *, on: date) -> None:
    """Note the day; the same day again writes nothing."""
    older = token.c.last_used_on.is_(None) | (token.c.last_used_on < on)
    tx.execute(token.update().where(token.c.id == token_id, older).values(last_used_on=on))


def revoke(tx: Tx, token_id: int, *, at: datetime) -> bool:
    """End a token at once; whether it was still good for something."""
    held = token.update().where(token.c.id == token_id, token.c.revoked_at.is_(None))
    return tx.execute(held.values(revoked_at=at)).rowcount == 1


def revoke_of(tx: Tx, address: str, *, at: datetime) -> None:
    """End every token that the account with this address made."""
    held = token.update().where(token.c.created_by == address, token.c.revoked_at.is_(None))
    tx.execute(held.values(revoked_at=at))


def every(tx: Tx) -> list[ApiToken]:
    """All of them, the latest first: also those that are over, for who once had access matters."""
    return all_of(tx, ApiToken, select(token).order_by(token.c.id.desc()))
