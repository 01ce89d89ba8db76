"""Figures of a letter, sent by mail to people of the desk two days after it left: each once."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant


class Digest(SQLModel, table=True):
    """The figures of one send for one reader. Claimed before the first byte of its mail leaves: it never leaves twice."""

    __table_args__ = (UniqueConstraint("send_id", "reader"),)
    id: int | None = Field(default=None, primary_key=True)
    send_id: int = Field(foreign_key="send.id")
    #: A fingerprint of the address, which only this installation can make: no address is kept here.
    reader: str
    not_before: datetime = Field(sa_type=Instant)
    handed_over_at: datetime | None = Field(default=None, sa_type=Instant)
