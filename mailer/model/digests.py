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


class DigestChoice(SQLModel, table=True):
    """An account that wants the figures of a campaign's letters by mail."""

    __tablename__ = "digest_choice"
    user_id: int = Field(foreign_key="desk_user.id", primary_key=True)
    campaign: str = Field(primary_key=True)
    #: Letters whose figures were due before are not told: nobody gets last week's.
    chosen_at: datetime = Field(sa_type=Instant)
