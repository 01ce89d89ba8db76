"""What happened to deliveries, and the measure of opens in its two lawful shapes.

Nothing here holds an IP address, a user agent or a minute.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant


class Verdict(StrEnum):
    """How one load of a pixel is classed (rules O4), in rising order of certainty that a person read."""

    MACHINE = "machine"
    PROXY = "proxy"
    HUMAN = "human"

    @property
    def certainty(self) -> int:
        """0 for a machine, the more the surer that a person read."""
        return _CERTAINTY[self]


_CERTAINTY = {verdict: place for place, verdict in enumerate(Verdict)}


class LastOpen(SQLModel, table=True):
    """The day of a person's last opening, overwritten (rules P9); only where a campaign has decided so."""

    __tablename__ = "last_open"
    contact_id: int = Field(foreign_key="contact.id", primary_key=True)
    on: date


class Event(SQLModel, table=True):
    """One report of a provider (or one unsubscribe) about one delivery; a replay changes nothing."""

    __table_args__ = (
        UniqueConstraint("provider", "provider_event_id"),
        # Who left because of a send: a few among as many reports as it has copies (see store.series).
        Index(
            "ix_event_left",
            "send_id",
            sqlite_where=text("kind = 'unsubscribe'"),
            postgresql_where=text("kind = 'unsubscribe'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    provider: str
    provider_event_id: str
    kind: str = Field(index=True)
    at: datetime = Field(sa_type=Instant)
    send_id: int | None = Field(default=None, index=True)
    delivery_id: int | None = Field(default=None, index=True)
    smtp_code: str = ""
    detail: str = ""


class Opening(SQLModel, table=True):
    """Mode `consented`: the best verdict for one delivery, first and last day. Dropped after 13 months."""

    delivery_id: int = Field(primary_key=True)
    send_id: int = Field(index=True)
    verdict: str
    first_on: date
    last_on: date


class TokenSeen(SQLModel, table=True):
    """Mode `anonymous`: the digest of a pixel's token, its best verdict; dropped after 30 days.

    Once the send's secret is destroyed nobody can tie a digest to a person.
    """

    __tablename__ = "token_seen"
    __table_args__ = (UniqueConstraint("send_id", "digest"),)
    id: int | None = Field(default=None, primary_key=True)
    send_id: int
    digest: str
    verdict: str
    seen_on: date = Field(index=True)


class OpenCount(SQLModel, table=True):
    """Unique opens per send, cohort and hour since the send started; both modes. Kept.

    Each column counts the copies that *first* reached a level in that hour: `loaded` any load,
    `high` at least proxy, `low` human. Sums over hours are the unique opens of the report.
    """

    __tablename__ = "open_count"
    send_id: int = Field(primary_key=True)
    cohort: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    loaded: int = 0
    high: int = 0
    low: int = 0


class Click(SQLModel, table=True):
    """Consenting copies only: one person, one link, first day."""

    delivery_id: int = Field(primary_key=True)
    link: int = Field(primary_key=True)
    send_id: int = Field(index=True)
    verdict: str
    first_on: date


class ClickCount(SQLModel, table=True):
    """Unique clicks by people per send and link; kept after the rows are dropped."""

    __tablename__ = "click_count"
    send_id: int = Field(primary_key=True)
    link: int = Field(primary_key=True)
    clicks: int = 0
