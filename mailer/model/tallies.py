"""The counts of a finished send, kept so that its report need not count a million copies anew."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant, json_column


class Tally(SQLModel, table=True):
    """What became of the copies of one send, counted at one moment: it holds until the first `TallyChange` of its send.

    No foreign key: to write this row takes no lock that a sender could hold.
    """

    __tablename__ = "tally"
    send_id: int = Field(primary_key=True)
    counted_at: datetime = Field(sa_type=Instant)
    #: The rows of store.reports.DeliveryCount, each as a list in the order of its fields.
    counts: list[list[Any]] = Field(default_factory=list, sa_column=json_column())


class TallyChange(SQLModel, table=True):
    """Something that a kept tally counts was changed since. Written by triggers of the database, whoever changes a copy.

    Rows are only added, never changed: two writers do not wait for each other here.
    """

    __tablename__ = "tally_change"
    id: int | None = Field(default=None, primary_key=True)
    send_id: int = Field(index=True)
