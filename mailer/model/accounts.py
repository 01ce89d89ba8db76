"""Users of the desk, their sessions, one-time links, and the log of what was done by whom."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from mailer.model.columns import GIVEN_ONCE, Instant


class Role(StrEnum):
    """What a user may do; each role may do what the former may."""

    READER = "reader"
    WRITER = "writer"
    APPROVER = "approver"
    SENDER = "sender"
    ADMINISTRATOR = "administrator"


class User(SQLModel, table=True):
    __tablename__ = "desk_user"
    __table_args__ = GIVEN_ONCE
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    name: str = ""
    role: str
    #: argon2id; empty until the one-time link was used.
    password_hash: str = ""
    language: str = "fr"
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    #: What the second factor is derived from, with the installation secret: alone it opens nothing. Empty: none.
    factor_seed: str = ""
    #: The last step of 30 seconds whose code was accepted: no code is accepted twice.
    factor_step: int = 0
    factor_since: datetime | None = Field(default=None, sa_type=Instant)
    #: Who they are at the provider of single sign-on; empty until they first came in by it.
    subject: str = Field(default="", index=True)


class RecoveryCode(SQLModel, table=True):
    """Stands in once for a second factor that is lost; only a keyed digest is kept."""

    __tablename__ = "recovery_code"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="desk_user.id", index=True)


class Session(SQLModel, table=True):
    """A login; only the digest of its cookie is kept."""

    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="desk_user.id", index=True)
    csrf: str
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class LinkPurpose(StrEnum):
    """Why somebody has a one-time link; it also says how long it holds."""

    #: Printed by a command.
    ACCESS = "access"
    #: Asked for at the desk by whoever lost their password.
    RESET = "reset"
    INVITATION = "invitation"


class OneTimeLink(SQLModel, table=True):
    """A link that sets a password once; only its digest is kept."""

    __tablename__ = "one_time_link"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="desk_user.id", index=True)
    purpose: str = LinkPurpose.ACCESS.value
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class AccountMail(SQLModel, table=True):
    """A mail about an account that waits to leave. A reset waits here for unknown addresses too: nobody can tell."""

    __tablename__ = "account_mail"
    id: int | None = Field(default=None, primary_key=True)
    address: str
    #: A LinkPurpose: what its link is for.
    purpose: str
    at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    handed_over_at: datetime | None = Field(default=None, sa_type=Instant)


class LoginFailure(SQLModel, table=True):
    """Slows guessing: failures per account and per source (a digest, not an address)."""

    __tablename__ = "login_failure"
    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(index=True)
    at: datetime = Field(sa_type=Instant)


class Act(SQLModel, table=True):
    """Append-only: who approved, scheduled, cancelled, imported … what."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    by: str
    act: str
    object: str = ""
    detail: str = ""
