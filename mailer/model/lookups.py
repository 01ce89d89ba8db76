"""What was seen outside, when somebody asked: whether links answer, what a sender's domain publishes."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant

#: `Lookup.kind` of a link; those of a domain are the values of Proof.
LINK = "link"


class LinkState(StrEnum):
    """What a reader who follows a link would meet."""

    FINE = "fine"
    MOVED = "moved"  # it leads on; the detail says where to
    DEAD = "dead"  # 404, 410; without detail: no such name
    ODD = "odd"  # another status: perhaps only programs are refused
    SILENT = "silent"  # nobody answered: nothing is known
    GONE_NAME = "gone-name"  # no such name, before anybody knows whether there is a network
    PRIVATE = "private"  # not followed: no public address
    UNFIT = "unfit"  # not followed: credentials, an unusual port, another scheme
    CERTIFICATE = "certificate"  # the server does not prove who it is
    RESERVED = "reserved"  # an example's name


class Proof(StrEnum):
    """What tells receivers that a mail comes from its sender."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class DomainState(StrEnum):
    THERE = "there"
    MISSING = "missing"
    MANY = "many"
    UNKNOWN = "unknown"  # no resolver answered


class Lookup(SQLModel, table=True):
    """The last answer to one question."""

    kind: str = Field(primary_key=True)
    #: A link, or a domain.
    subject: str = Field(primary_key=True)
    state: str
    detail: str = ""
    looked_at: datetime = Field(sa_type=Instant)
