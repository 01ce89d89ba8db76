"""What other programs are told as it happens: their addresses, and the messages that wait to be handed over."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from mailer.model.columns import GIVEN_ONCE, Instant, json_column


class Happening(StrEnum):
    """What an endpoint may be told of; nothing in a message names a person but by their number."""

    SUBSCRIBED = "contact.subscribed"
    UNSUBSCRIBED = "contact.unsubscribed"
    EXCLUDED = "contact.excluded"
    ERASED = "contact.erased"
    SENT = "letter.sent"


class NoticeState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Endpoint(SQLModel, table=True):
    """Another program's address. Its signing secret is made from `salt` and the installation's own secret."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = GIVEN_ONCE
    id: int | None = Field(default=None, primary_key=True)
    url: str
    #: The kinds, each between two blanks.
    events: str
    salt: str
    created_at: datetime = Field(sa_type=Instant)
    created_by: str
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class Notice(SQLModel, table=True):
    """One message to one endpoint, written in the transaction that changes what it tells of."""

    __tablename__ = "webhook_notice"
    __table_args__ = (Index("ix_webhook_notice_due", "state", "not_before"), GIVEN_ONCE)
    id: int | None = Field(default=None, primary_key=True)
    endpoint_id: int = Field(foreign_key="webhook_endpoint.id", index=True)
    event: str
    data: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    at: datetime = Field(sa_type=Instant)
    state: str = Field(default=NoticeState.WAITING.value)
    attempts: int = 0
    #: Also the end of a claim: whoever hands it over moves this first.
    not_before: datetime = Field(sa_type=Instant)
    #: From when the 24 hours count; a replay begins them anew.
    began_at: datetime = Field(sa_type=Instant)
    #: A status or a stable code; never what the other side wrote.
    result: str = ""
