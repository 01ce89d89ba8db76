"""An event as it was last seen in its file: what letters that are frozen are held against."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant


class CalendarState(SQLModel, table=True):
    """One event of one campaign. The file says what it is; this row, how often that has changed."""

    __table_args__ = (UniqueConstraint("campaign", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    slug: str
    #: CalendarEvent.promise, as last seen; empty once the file is gone.
    promise: str
    #: CalendarEvent.content, as last seen.
    content: str
    #: SEQUENCE of its calendar file: grows with each change (RFC 5545 §3.8.7.4).
    sequence: int = 0
    changed_at: datetime = Field(sa_type=Instant)
