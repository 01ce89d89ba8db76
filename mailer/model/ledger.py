"""The ledger: frozen snapshots, sends, one delivery per person, one attempt per hand-over."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from mailer.clock import local_date
from mailer.model.columns import Instant, json_column


class SendState(StrEnum):
    SCHEDULED = "scheduled"
    STARTING = "starting"
    SENDING = "sending"
    PAUSED = "paused"
    SETTLING = "settling"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"
    HELD = "held"


#: States in which an issue has left, or is about to: it may not leave a second time.
TAKEN = (
    SendState.SCHEDULED, SendState.STARTING, SendState.SENDING, SendState.PAUSED, SendState.SETTLING, SendState.DONE,
    SendState.HELD,
)  # fmt: skip

#: Sends that need nothing more of anybody.
ENDED = (SendState.DONE, SendState.CANCELLED, SendState.MISSED)


class DeliveryState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    POSTING = "posting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXCLUDED = "excluded"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of an accepted delivery: beside its state, never instead of it."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Snapshot(SQLModel, table=True):
    """An issue as frozen: what was proofed is what leaves. Equal content has an equal `content_hash`."""

    id: int | None = Field(default=None, primary_key=True)
    campaign: str = Field(index=True)
    issue: str
    #: The issue of this campaign that it corrects; empty where it is no erratum.
    erratum_of: str = ""
    #: It asks for the consent to be measured.
    asks_consent: bool = False
    number: int | None = None
    title: str = ""  # the campaign's title
    subject: str
    #: What the other half reads in its place; empty: one subject for all.
    second_subject: str = ""
    preheader: str = ""
    html: str
    text: str
    links: list[str] = Field(default_factory=list, sa_column=json_column())
    link_labels: list[str] = Field(default_factory=list, sa_column=json_column())
    #: `<sha256>.<extension>` of each medium, stored under state_dir/media.
    media: list[str] = Field(default_factory=list, sa_column=json_column())
    #: Event that it speaks of -> what was promised about it then (CalendarEvent.promise).
    events: dict[str, str] = Field(default_factory=dict, sa_column=json_column())
    topic: str
    #: The segment's rule as it was, as canonical JSON: part of what an approval binds.
    segment: str
    members_only: bool = False
    tracking: str
    #: Whether the day of a person's last opening is kept (rules P9).
    last_open: bool = False
    cohort: str = ""
    sender_name: str
    sender_address: str
    reply_to: str = ""
    language: str = "fr"
    content_hash: str = Field(index=True)
    frozen_at: datetime = Field(sa_type=Instant)
    frozen_by: str = ""


class Approval(SQLModel, table=True):
    """Somebody's yes or no to one fingerprint: content, audience rule, sender and hour. Any change voids it."""

    id: int | None = Field(default=None, primary_key=True)
    campaign: str = Field(index=True)
    issue: str
    fingerprint: str
    approved_by: str
    approved_at: datetime = Field(sa_type=Instant)
    #: `approved` or `refused` (mailer.model.proofs.Verdict).
    verdict: str = "approved"
    #: What the fingerprint is made of, so that a page can say what has changed; empty in rows of before.
    content_hash: str = ""
    local_at: str = ""
    #: The link of a reader without an account, whose name is what they typed; empty: a user of the desk.
    link_id: str = ""


class Send(SQLModel, table=True):
    """One snapshot on its way to its audience."""

    __table_args__ = (
        # The few that asked: who was asked lately is found through them (see store.asked).
        Index(
            "ix_send_asking",
            "id",
            sqlite_where=text("asks_consent"),
            postgresql_where=text("asks_consent"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    snapshot_id: int = Field(foreign_key="snapshot.id", index=True)
    campaign: str = Field(index=True)
    issue: str = Field(index=True)
    state: str = Field(default=SendState.SCHEDULED.value, index=True)
    #: Grows with each pause, resume and take-over; every later write is fenced by it.
    epoch: int = 0
    #: `campaign:local-date` (with the issue for several a day, and for an erratum); NULL once cancelled or missed (I12).
    slot: str | None = Field(default=None, unique=True)
    send_at: datetime = Field(sa_type=Instant)
    local_at: str = ""  # the officer's words: 2026-06-11 09:00
    zone: str = "Europe/Paris"
    max_lateness_seconds: int = 7200
    content_hash: str
    audience_hash: str = ""
    members_only: bool = False
    #: It asks for the consent to be measured: only people who have not answered, and were not asked lately.
    asks_consent: bool = False
    tracking: str
    #: Whether the day of a person's last opening is kept (rules P9).
    last_open: bool = False
    #: Part of an anonymous pixel's token: 8 random bytes in hex, no row number in clear.
    public_id: str = Field(unique=True)
    planned: int = 0
    #: Cohort index -> name, for anonymous tokens. With two subjects each name stands there twice: the second half is
    #: that of the second subject.
    cohorts: list[str] = Field(default_factory=list, sa_column=json_column())
    #: Reason of exclusion when the audience was resolved -> count: shown beside the statement, not part of it.
    left_out: dict[str, int] = Field(default_factory=dict, sa_column=json_column())
    #: A code, `by` and somebody's name, or a sentence kept by `i18n.note`.
    pause_reason: str = ""
    #: So many copies leave first; the others once a person has looked at what became of them. 0: all at once.
    staged: int = 0
    #: Measured copies that two subjects need to be told apart; fewer at the start, or 0: everybody gets the first one.
    split_above: int = 0
    #: The last delivery that may leave before that; NULL: all may.
    stage_until: int | None = None
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = ""
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    #: When the last delivery was handed over.
    handed_over_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def day(self) -> date:
        """The local day on which it begins to leave, as all its copies say."""
        return local_date(self.started_at or self.send_at, self.zone)


class SendSecret(SQLModel, table=True):
    """What ties the tokens of an anonymous send to its copies; removed when the last doubt is settled.

    In a table of its own, which the sender alone reads: nobody who looks at sends has it in memory.
    """

    __tablename__ = "send_secret"
    send_id: int = Field(primary_key=True)
    secret: bytes


class Delivery(SQLModel, table=True):
    """One snapshot x one contact."""

    __table_args__ = (
        UniqueConstraint("send_id", "contact_id"),
        UniqueConstraint("send_id", "address"),
        CheckConstraint("NOT members_only OR membership_id IS NOT NULL", name="member"),
        Index("ix_delivery_work", "send_id", "state", "id"),
        # What a report counts, without reading a million wide rows (see store.reports).
        Index(
            "ix_delivery_accepted",
            "send_id",
            "outcome",
            "measured",
            "cohort",
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    send_id: int = Field(foreign_key="send.id")
    #: No foreign key: an erased person leaves the count behind.
    contact_id: int
    address: str
    members_only: bool = False
    membership_id: int | None = None
    state: str = Field(default=DeliveryState.PLANNED.value)
    epoch: int = 0
    owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    first_attempt_at: datetime | None = Field(default=None, sa_type=Instant)
    concluded_at: datetime | None = Field(default=None, sa_type=Instant)
    #: When the latest answer was lost; it stays where the copy is accepted after all.
    in_doubt_since: datetime | None = Field(default=None, sa_type=Instant)
    key: str = Field(unique=True)
    request_hash: str = ""
    provider_ref: str | None = Field(default=None, index=True)
    #: Why it is refused or excluded; a stable code.
    reason: str = ""
    outcome: str | None = None
    #: Merge values as frozen: bytes repeat even if the person's name changes in between.
    merge: dict[str, str] = Field(default_factory=dict, sa_column=json_column())
    language: str = "fr"
    #: Whether this copy carries a pixel, and whether its links are tracked.
    measured: bool = False
    tracked: bool = False
    #: Whether this copy has the second subject; decided once, so that every attempt repeats it.
    second_subject: bool = False
    #: Index into Send.cohorts.
    cohort: int = 0


class Attempt(SQLModel, table=True):
    """Append-only: one hand-over, written before its first byte leaves and concluded after."""

    __table_args__ = (UniqueConstraint("delivery_id", "n"),)
    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    n: int
    epoch: int
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = ""
    http_status: int | None = None
    code: str = ""
    evidence: str = ""
    #: The account of a provider that it went to, as a digest; empty for what was tried before that was noted.
    account: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Pacer(SQLModel, table=True):
    """The shared rate limit of one provider (GCRA): the theoretical arrival time, in seconds since the epoch."""

    provider: str = Field(primary_key=True)
    tat: float = 0.0


class Installation(SQLModel, table=True):
    """One row: the id that the file `installation` must repeat, else everything scheduled is held."""

    id: int = Field(default=1, primary_key=True)
    installation_id: str
    created_at: datetime = Field(sa_type=Instant)
