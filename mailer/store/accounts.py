"""Users of the desk: their one-time links, sessions and failed logins. Only digests of secrets are kept."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from mailer.model.accounts import LinkPurpose, LoginFailure, OneTimeLink, Role, Session, User
from mailer.model.columns import table
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first, one
from mailer.store.upserts import insert_new
from mailer.tokens import random_text

user = table(User)
session = table(Session)
link = table(OneTimeLink)
failure = table(LoginFailure)

LIFETIMES = {
    LinkPurpose.ACCESS: timedelta(hours=24),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.INVITATION: timedelta(days=7),
}


def digest(secret: str) -> str:
    """What is kept of a token or a cookie: they are long and random, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- users ----------------------------------------------------------------------------------------


def create_user(
    tx: Tx, address: str, *, role: Role, at: datetime, name: str = "", language: str = "fr"
) -> User:
    """The user with this normalised address; one who exists keeps everything but takes the role, and logs in again."""
    values = {"address": address, "name": name, "role": role.value, "language": language}
    new = {**values, "password_hash": "", "created_at": at, "disabled_at": None}
    if not insert_new(tx, user, new):
        _change_role(tx, address, role)
    return one(tx, User, select(user).where(user.c.address == address), missing="This user does not exist.")


def _change_role(tx: Tx, address: str, role: Role) -> None:
    """Another role ends the sessions that were opened with the former one (security S14)."""
    changed = user.update().where(user.c.address == address, user.c.role != role.value)
    if tx.execute(changed.values(role=role.value)).rowcount:
        owner = select(user.c.id).where(user.c.address == address).scalar_subquery()
        tx.execute(session.delete().where(session.c.user_id == owner))


def create_administrator(tx: Tx, address: str, *, at: datetime) -> str:
    """An administrator's one-time token, valid for 24 h; a second call gives a second token.

    A deactivated account is active again: whoever may run commands has the last word.
    """
    found = create_user(tx, address, role=Role.ADMINISTRATOR, at=at)
    assert found.id is not None
    tx.execute(user.update().where(user.c.id == found.id).values(disabled_at=None))
    return create_link(tx, found.id, at=at)


def has_administrator(tx: Tx) -> bool:
    """Whether an administrator can log in: has set a password or signed on, and is not disabled."""
    known = or_(user.c.password_hash != "", user.c.subject != "")
    able = select(user.c.id).where(
        user.c.role == Role.ADMINISTRATOR.value, known, user.c.disabled_at.is_(None)
    )
    return tx.execute(able.limit(1)).first() is not None


def find_user(tx: Tx, address: str) -> User | None:
    """The user with this normalised address who is not disabled."""
    return first(tx, User, select(user).where(user.c.address == address, user.c.disabled_at.is_(None)))


def writers(tx: Tx) -> list[User]:
    """Everybody who may write letters and has once logged in, by address."""
    may = user.c.role.not_in([Role.READER.value])
    able = select(user).where(may, user.c.password_hash != "", user.c.disabled_at.is_(None))
    return all_of(tx, User, able.order_by(user.c.address))


def set_password(tx: Tx, user_id: int, *, password_hash: str) -> None:
    """Change the password; every session and every unused link of the user ends."""
    tx.execute(user.update().where(user.c.id == user_id).values(password_hash=password_hash))
    tx.execute(session.delete().where(session.c.user_id == user_id))
    tx.execute(link.delete().where(link.c.user_id == user_id, link.c.used_at.is_(None)))


def set_language(tx: Tx, user_id: int, language: str) -> None:
    tx.execute(user.update().where(user.c.id == user_id).values(language=language))


def set_name(tx: Tx, user_id: int, name: str) -> None:
    tx.execute(user.update().where(user.c.id == user_id).values(name=name))


def find_by_subject(tx: Tx, subject: str) -> User | None:
    """Whom the provider of single sign-on knows by this name, while they are not disabled."""
    named = (user.c.subject == subject, user.c.subject != "", user.c.disabled_at.is_(None))
    return first(tx, User, select(user).where(*named))


def bind_subject(tx: Tx, user_id: int, subject: str) -> bool:
    """Tie the account to a person of the provider, once; whether it is this person's now."""
    free = user.update().where(user.c.id == user_id, user.c.subject.in_(["", subject]))
    return tx.execute(free.values(subject=subject)).rowcount == 1


# --- one-time links -------------------------------------------------------------------------------


def create_link(tx: Tx, user_id: int, *, at: datetime, purpose: LinkPurpose = LinkPurpose.ACCESS) -> str:
    """A token that sets this user's password once, while the lifetime of its purpose lasts."""
    token = random_text()
    row = {"digest": digest(token), "user_id": user_id, "purpose": purpose.value}
    tx.execute(link.insert().values(**row, created_at=at, expires_at=at + LIFETIMES[purpose], used_at=None))
    return token


def drop_links(tx: Tx, user_id: int, *purposes: LinkPurpose) -> None:
    """The unused links of these purposes are worth nothing any more."""
    named = link.c.purpose.in_([each.value for each in purposes])
    tx.execute(link.delete().where(link.c.user_id == user_id, link.c.used_at.is_(None), named))


def find_by_link(tx: Tx, token: str, *, at: datetime) -> User | None:
    """Whose link this is, while it is neither used nor too old."""
    joined = select(user).join(link, link.c.user_id == user.c.id)
    open_still = (link.c.digest == digest(token)) & link.c.used_at.is_(None) & (link.c.expires_at > at)
    return first(tx, User, joined.where(open_still, user.c.disabled_at.is_(None)))


def use_link(tx: Tx, token: str, *, at: datetime) -> User | None:
    """Use the link up; None if somebody was faster, or it is too old."""
    found = find_by_link(tx, token, at=at)
    used = link.update().where(link.c.digest == digest(token), link.c.used_at.is_(None)).values(used_at=at)
    return found if found and tx.execute(used).rowcount == 1 else None


# --- sessions -------------------------------------------------------------------------------------


def create_session(tx: Tx, user_id: int, *, at: datetime, lifetime: timedelta) -> str:
    """The secret for the cookie of a new session; sessions that have ended are dropped on the way."""
    secret = random_text()
    tx.execute(session.delete().where(session.c.expires_at <= at))
    row = {"digest": digest(secret), "user_id": user_id, "csrf": random_text()}
    tx.execute(session.insert().values(**row, created_at=at, expires_at=at + lifetime))
    return secret


def find_session(tx: Tx, secret: str, *, at: datetime) -> tuple[Session, User] | None:
    """The session of this cookie and its user, while neither has ended."""
    alive = select(session).where(session.c.digest == digest(secret), session.c.expires_at > at)
    found = first(tx, Session, alive)
    if found is None:
        return None
    owner = first(tx, User, select(user).where(user.c.id == found.user_id, user.c.disabled_at.is_(None)))
    return (found, owner) if owner else None


def end_session(tx: Tx, secret: str) -> None:
    tx.execute(session.delete().where(session.c.digest == digest(secret)))


def sessions_of(tx: Tx, user_id: int, *, at: datetime) -> list[Session]:
    """The open sessions of a user, the latest first."""
    alive = select(session).where(session.c.user_id == user_id, session.c.expires_at > at)
    return all_of(tx, Session, alive.order_by(session.c.created_at.desc(), session.c.digest))


def end_named_session(tx: Tx, user_id: int, named: str) -> None:
    """End the session of this digest if it is this user's own."""
    tx.execute(session.delete().where(session.c.user_id == user_id, session.c.digest == named))


def end_other_sessions(tx: Tx, user_id: int, *, kept: str) -> None:
    """End every session of the user but the one of this digest; an empty one ends all."""
    tx.execute(session.delete().where(session.c.user_id == user_id, session.c.digest != kept))


# --- failed logins --------------------------------------------------------------------------------


def hold_failures(tx: Tx, *subjects: str) -> None:
    """On PostgreSQL: nobody else counts failures of these before the commit. SQLite lets one writer in at a time."""
    if tx.dialect.name == "postgresql":
        for key in sorted(int(digest(each)[:15], 16) for each in subjects):
            tx.execute(select(func.pg_advisory_xact_lock(key)))


def record_failure(tx: Tx, *subjects: str, at: datetime) -> list[int]:
    """One failed login, counted for each subject (an account, a source: digests, not addresses); their numbers."""
    rows = [{"subject": digest(each), "at": at} for each in subjects]
    return list(tx.execute(failure.insert().returning(failure.c.id), rows).scalars())


def drop_failures(tx: Tx, numbers: list[int]) -> None:
    """These were none."""
    tx.execute(failure.delete().where(failure.c.id.in_(numbers)))


def failures(tx: Tx, *subjects: str, since: datetime) -> tuple[int, datetime | None]:
    """How many failures the worst of the subjects has, and when the last of them was."""
    named = failure.c.subject.in_([digest(each) for each in subjects])
    counted = select(func.count(), func.max(failure.c.id)).where(named, failure.c.at > since)
    row = tx.execute(counted.group_by(failure.c.subject).order_by(func.count().desc()).limit(1)).first()
    if row is None:
        return 0, None
    last = first(tx, LoginFailure, select(failure).where(failure.c.id == row[1]))
    return int(row[0]), last.at if last else None


def forget_failures(tx: Tx, *subjects: str, before: datetime) -> None:
    """Drop the failures of a subject that has logged in, and everybody's old ones."""
    named = failure.c.subject.in_([digest(each) for each in subjects])
    tx.execute(failure.delete().where(named | (failure.c.at <= before)))
