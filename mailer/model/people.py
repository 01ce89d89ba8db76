"""Organisations, their memberships, and the people with their subscriptions, consents and exclusions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from mailer.i18n import marked
from mailer.model.columns import GIVEN_ONCE, Instant, json_column

#: First heading of a file of people that left from here: an import knows it by that, and takes the guards off its cells.
NUMBER_HERE = marked("Number in Relais")
#: The scope of an exclusion that holds for every topic.
EVERYTHING = "*"
#: How the logs of a person name an import, before the name of its file.
BY_IMPORT = "import "


def _where_given(of: str, name: str, *, unique: bool = False) -> Index:
    """An index of the rows that have a value: of a million imported people most have none."""
    given = text(f"{name} IS NOT NULL")
    return Index(f"ix_{of}_{name}", name, unique=unique, sqlite_where=given, postgresql_where=given)


class OrganisationKind(StrEnum):
    """What sort of body an organisation is."""

    VILLE = "ville"
    INTERCOMMUNALITE = "intercommunalite"
    DEPARTEMENT = "departement"
    REGION = "region"
    STATUT_PARTICULIER = "statut_particulier"
    OTHER = "other"


class TrackingConsent(StrEnum):
    """Whether a person accepts the measure of opens; unknown counts as refusal in `consented` (rules P4)."""

    UNKNOWN = "unknown"
    GRANTED = "granted"
    DENIED = "denied"


class SubscriptionState(StrEnum):
    PENDING = "pending"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    #: In the log only: the import that had subscribed them was undone, and they have said nothing again.
    UNDONE = "undone"
    #: In the log only: who was subscribed already said so themselves.
    CONFIRMED = "confirmed"
    #: In the log only, for every topic (`*`): nothing is sent to them before the day in the evidence.
    PAUSED = "paused"
    RESUMED = "resumed"
    #: In the log only: it came with a function that somebody else has now.
    PASSED = "passed"


class ExclusionReason(StrEnum):
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCES = "soft_bounces"
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"
    BY_HAND = "by_hand"
    ERASED = "erased"


class Organisation(SQLModel, table=True):
    """A local authority or another body."""

    __table_args__ = GIVEN_ONCE
    id: int | None = Field(default=None, primary_key=True)
    #: Nine digits, checked by Luhn; None for a body without SIREN.
    siren: str | None = Field(default=None, unique=True, max_length=9)
    #: How another program that uses the API names it.
    external_id: str | None = Field(default=None, index=True, unique=True)
    name: str = Field(index=True)
    kind: str = Field(default=OrganisationKind.OTHER.value, index=True)
    departement: str = ""
    region: str = Field(default="", index=True)
    population: int | None = None
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)


class Membership(SQLModel, table=True):
    """One period of membership of the network; `until_on` is the last day it holds, None while open."""

    __table_args__ = (UniqueConstraint("organisation_id", "from_on"), GIVEN_ONCE)
    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    from_on: date
    until_on: date | None = None


class Contact(SQLModel, table=True):
    """One person, one address in its normal form."""

    __table_args__ = (
        _where_given("contact", "external_id", unique=True),
        _where_given("contact", "organisation_id"),
        GIVEN_ONCE,
    )
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    #: How another program that uses the API names this person.
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    #: Function as written: élu·e, direction générale, presse …
    job: str = ""
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    language: str = "fr"
    #: Where the address comes from, and when it was given (GDPR 5, 14).
    source: str = ""
    registered_on: date | None = None
    tracking: str = Field(default=TrackingConsent.UNKNOWN.value)
    #: The person's own pause: the first day on which they are written to again.
    paused_until: date | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    #: The import that made the contact. A foreign key would cost a million checks in an import of a million.
    imported_by: int | None = None
    #: The answer about the measure that its file gave, if any: the first line of their consents.
    imported_answer: str | None = None


class Mandate(SQLModel, table=True):
    """A function in an organisation whose end is known. Open until a successor is named, or nobody follows."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    #: The function, as the contact had it.
    job: str
    #: Who holds or held it; None once that person is erased.
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    #: Who followed; None while it is open, and once that person is erased.
    successor_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    #: The last day on which it is held.
    until_on: date
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    by: str = ""


class Subscription(SQLModel, table=True):
    """Contact x topic: the present state; how it came about is in SubscriptionChange.

    What came with the import that made the contact is proven by the row itself: see `store.subscriptions.log`.
    Whoever writes another one also writes its change, and that one refuses a contact who is not there: PostgreSQL, to
    which it would be a quarter of the cost of an import, has no second check here.
    """

    __table_args__ = (
        UniqueConstraint("contact_id", "topic"),
        ForeignKeyConstraint(["contact_id"], ["contact.id"]).ddl_if(dialect="sqlite"),
    )
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int
    topic: str
    state: str
    at: datetime = Field(sa_type=Instant)
    #: The import that made the contact and subscribed it; its file says where the address comes from.
    imported_by: int | None = None
    evidence: str = ""


class SubscriptionChange(SQLModel, table=True):
    """Append-only: each change of a subscription, with its source and evidence (rules P7)."""

    __tablename__ = "subscription_change"
    # Who came and who left, month by month, of a list of any length (see store.list_health).
    __table_args__ = (Index("ix_subscription_change_months", "topic", "state", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    topic: str
    state: str
    at: datetime = Field(sa_type=Instant)
    source: str
    #: Version of the wording that the person saw, or what proves the change.
    evidence: str = ""


class Consent(SQLModel, table=True):
    """Append-only: each answer about the measure of opens; Contact.tracking is the latest."""

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    state: str
    at: datetime = Field(sa_type=Instant)
    source: str
    wording: str = ""


class Exclusion(SQLModel, table=True):
    """An address that must not be written to; append-only, never lifted by an import.

    `address` is the normal form, or `hmac:<hex>` once the person was erased; `scope` is a topic or `*`.
    """

    __table_args__ = (UniqueConstraint("address", "scope", "reason"),)
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    scope: str = EVERYTHING
    reason: str
    at: datetime = Field(sa_type=Instant)
    source: str = ""


class SignupRequest(SQLModel, table=True):
    """Somebody typed an address into the sign-up form. No contact yet: only the link in the mail makes one.

    Dropped, confirmed or not, once the link is over.
    """

    __tablename__ = "signup_request"
    id: int | None = Field(default=None, primary_key=True)
    #: What the link holds, signed: random, so that no row number is in clear.
    key: str = Field(unique=True)
    address: str = Field(index=True)
    topics: list[str] = Field(default_factory=list, sa_column=json_column())
    language: str
    #: As typed, for a topic that is kept for members: a person compares it with the list of members.
    organisation: str = ""
    at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    #: The mail with the link: when it may be tried again, and when it was handed over, or given up.
    not_before: datetime = Field(sa_type=Instant)
    handed_over_at: datetime | None = Field(default=None, sa_type=Instant)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)


class ImportRun(SQLModel, table=True):
    """One import as it was carried out; `counts` as printed.

    `first_contact_id`, `last_contact_id`: between them are the numbers of the contacts that it made, and on PostgreSQL
    also of others that came at the same time; its own have its instant as `created_at`. None where it made none, or
    may no longer be undone.
    """

    __tablename__ = "import_run"
    __table_args__ = GIVEN_ONCE
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    file_name: str
    at: datetime = Field(sa_type=Instant)
    by: str = ""
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    first_contact_id: int | None = None
    last_contact_id: int | None = None


class ImportedContact(SQLModel, table=True):
    """The values that a contact had before an import changed it. Kept while the import may be undone."""

    __tablename__ = "imported_contact"
    run_id: int = Field(primary_key=True, foreign_key="import_run.id")
    contact_id: int = Field(primary_key=True)
    first_name: str
    last_name: str
    job: str
    organisation_id: int | None = None
    source: str
    registered_on: date | None = None
    tracking: str
    updated_at: datetime = Field(sa_type=Instant)
    #: The known end of the function that the import took from them, and who had noted it.
    function_until_on: date | None = None
    function_by: str | None = None


class ImportedSubscription(SQLModel, table=True):
    """A subscription of a known contact that an import began. Kept while the import may be undone."""

    __tablename__ = "imported_subscription"
    run_id: int = Field(primary_key=True, foreign_key="import_run.id")
    contact_id: int = Field(primary_key=True)
    topic: str = Field(primary_key=True)
