"""Reading a letter before it leaves: links for readers without an account, and what they say."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import JSON, Column, Field, SQLModel

from mailer.model.columns import Instant


class Verdict(StrEnum):
    """Somebody's answer to one frozen version."""

    APPROVED = "approved"
    REFUSED = "refused"


class ProofLink(SQLModel, table=True):
    """A link that lets somebody read, comment and, where `may_approve`, decide on one frozen version."""

    __tablename__ = "proof_link"
    #: Random; with the day of its end it is all that the signed token holds.
    public_id: str = Field(primary_key=True)
    campaign: str = Field(index=True)
    issue: str
    snapshot_id: int = Field(foreign_key="snapshot.id")
    #: The local hour that an approval would be for.
    local_at: str
    #: Whom it was made for, in the words of whoever made it; may be empty.
    reader: str = ""
    #: The blocks of that version, in their order, as one says them: `Article: La loi`.
    blocks: list[str] = Field(sa_column=Column(JSON, nullable=False, default=list))
    may_approve: bool = False
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Remark(SQLModel, table=True):
    """What a reader said of one frozen version, in general or of one block."""

    id: int | None = Field(default=None, primary_key=True)
    campaign: str = Field(index=True)
    issue: str
    link_id: str = Field(foreign_key="proof_link.public_id", index=True)
    #: From 1; None: the letter as a whole.
    block: int | None = None
    by: str
    text: str
    at: datetime = Field(sa_type=Instant)
    #: When and by whom it was answered in the letter; None: it waits.
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
