"""Tokens with which other programs use the API."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant, json_column


class Scope(StrEnum):
    """What a token may do; writing a noun includes reading it."""

    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_WRITE = "organisations:write"
    SUBSCRIPTIONS_READ = "subscriptions:read"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"

    @property
    def noun(self) -> str:
        return self.value.partition(":")[0]

    def is_covered_by(self, held: list[str]) -> bool:
        """Whether a token with these scopes may do this."""
        return self.value in held or (self.value.endswith(":read") and f"{self.noun}:write" in held)


class ApiToken(SQLModel, table=True):
    """One token; only its digest is kept, so that it can be shown once and never again."""

    __tablename__ = "api_token"
    id: int | None = Field(default=None, primary_key=True)
    #: Which program has it: what the log of acts names.
    name: str
    digest: str = Field(unique=True)
    scopes: list[str] = Field(default_factory=list, sa_column=json_column())
    created_at: datetime = Field(sa_type=Instant)
    created_by: str
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    #: A day, no hour: enough to see that nobody needs it any more.
    last_used_on: date | None = None
