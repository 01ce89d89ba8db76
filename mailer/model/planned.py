"""The planned days of a rhythm: what the scheduler has already done for each of them."""

import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from mailer.model.columns import Instant


class PlannedDay(SQLModel, table=True):
    """One planned day of one campaign; a row is made when something is done for it, and never twice."""

    __tablename__ = "planned_day"
    __table_args__ = (UniqueConstraint("campaign", "planned_on"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    #: The day of the rhythm, in the campaign's zone, wherever its letter was moved to since.
    planned_on: datetime.date
    #: The slug of the letter that was prepared, or found; empty before.
    issue: str = ""
    prepared_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
    #: When the writers were written to because it was not ready.
    reminded_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
