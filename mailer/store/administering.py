"""Who has an account, with which role: the acts of administrators. The last of them stays one.

An act that takes an administrator away locks all of them first, so that two at once cannot take each other away:
SQLite has one writer, PostgreSQL's second one waits and then sees what the first left.
"""

from datetime import datetime

from sqlalchemy import or_, select

from mailer.errors import RefusedError
from mailer.model.accounts import LinkPurpose, OneTimeLink, Role, User
from mailer.store import api_tokens, proofs
from mailer.store.accounts import link, session, user
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first, one
from mailer.store.second_factors import code

#: The roles that may approve a letter.
APPROVING = frozenset({Role.APPROVER, Role.SENDER, Role.ADMINISTRATOR})
_MISSING = "This account does not exist any more. Open the page again."


def everybody(tx: Tx) -> list[User]:
    """Every account, invited and deactivated ones too, by address."""
    return all_of(tx, User, select(user).order_by(user.c.address))


def approvers(tx: Tx) -> list[User]:
    """Who may approve a letter, by address."""
    may = user.c.role.in_([each.value for each in APPROVING])
    return all_of(tx, User, select(user).where(may, user.c.disabled_at.is_(None)).order_by(user.c.address))


def get(tx: Tx, user_id: int) -> User:
    """One account; raises NotFoundError."""
    return one(tx, User, select(user).where(user.c.id == user_id), missing=_MISSING)


def find(tx: Tx, user_id: int) -> User | None:
    return first(tx, User, select(user).where(user.c.id == user_id))


def find_any(tx: Tx, address: str) -> User | None:
    """The account with this normalised address, deactivated or not."""
    return first(tx, User, select(user).where(user.c.address == address))


def is_kept_from_approving(tx: Tx, address: str) -> bool:
    """Whether this is somebody's account that is deactivated, or whose role may not approve."""
    found = find_any(tx, address)
    return found is not None and (found.disabled_at is not None or found.role not in APPROVING)


def open_invitations(tx: Tx) -> dict[int, OneTimeLink]:
    """The latest unused invitation of each user who has one, its hour past or not."""
    unused = (link.c.purpose == LinkPurpose.INVITATION.value) & link.c.used_at.is_(None)
    found = all_of(tx, OneTimeLink, select(link).where(unused).order_by(link.c.created_at))
    return {each.user_id: each for each in found}


def set_role(tx: Tx, user_id: int, role: Role, *, at: datetime) -> None:
    """Another role; it ends the sessions that were opened with the former one (security S14).

    Tokens of the API are made by administrators: whoever is none any more leaves none behind. A link by which
    they could approve ends with the right to.
    """
    if role is not Role.ADMINISTRATOR:
        _require_another_administrator(tx, user_id)
    changed = user.update().where(user.c.id == user_id, user.c.role != role.value)
    if tx.execute(changed.values(role=role.value)).rowcount:
        _end_sessions(tx, user_id)
        address = get(tx, user_id).address
        api_tokens.revoke_of(tx, address, at=at)
        if role not in APPROVING:
            proofs.withdraw_approving(tx, address, at=at)


def deactivate(tx: Tx, user_id: int, *, at: datetime) -> None:
    """Nobody comes in with this account any more, nor approves by a link that it was sent.

    Its sessions, its links and the API tokens it made end at once.
    """
    _require_another_administrator(tx, user_id)
    tx.execute(user.update().where(user.c.id == user_id).values(disabled_at=at))
    address = get(tx, user_id).address
    api_tokens.revoke_of(tx, address, at=at)
    proofs.withdraw_approving(tx, address, at=at)
    _end_sessions(tx, user_id)
    tx.execute(link.delete().where(link.c.user_id == user_id, link.c.used_at.is_(None)))


def reactivate(tx: Tx, user_id: int) -> None:
    tx.execute(user.update().where(user.c.id == user_id).values(disabled_at=None))


def withdraw(tx: Tx, user_id: int, *, at: datetime) -> None:
    """Take an invitation back, and with it the account that nobody has ever used; raises RefusedError for any other."""
    found = get(tx, user_id)
    if found.password_hash or found.subject:
        raise RefusedError("This person has come in already. Deactivate the account instead.")
    proofs.withdraw_approving(tx, found.address, at=at)
    for each in (link, session, code):
        tx.execute(each.delete().where(each.c.user_id == user_id))
    tx.execute(user.delete().where(user.c.id == user_id))


def _require_another_administrator(tx: Tx, user_id: int) -> None:
    """Refuse to take the last administrator who can come in away."""
    able = or_(user.c.password_hash != "", user.c.subject != "")
    administrators = select(user.c.id).where(
        user.c.role == Role.ADMINISTRATOR.value, user.c.disabled_at.is_(None), able
    )
    found = set(tx.execute(administrators.order_by(user.c.id).with_for_update()).scalars())
    if found == {user_id}:
        raise RefusedError(
            "This is the last administrator: nothing was changed. Make somebody else an administrator first."
        )


def _end_sessions(tx: Tx, user_id: int) -> None:
    tx.execute(session.delete().where(session.c.user_id == user_id))
