"""The forms of requests and answers. What is not named here is refused, so that no slip of the pen is lost."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from mailer.addresses import AddressError, normalise
from mailer.importing.values import is_siren
from mailer.model.people import ExclusionReason, OrganisationKind, SubscriptionState, TrackingConsent

MOST_ID = 2_147_483_647
#: No control character: neither a database nor a mail's header has to bear one.
_PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_MOST_ATTRIBUTES = 50
#: The attribute that rules of audiences look into: see `segments.fields.tagged`.
TAGS = "tags"
_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Text = Annotated[str, Field(max_length=200, pattern=_PLAIN)]
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=_PLAIN)]
Evidence = Annotated[str, Field(min_length=1, max_length=500, pattern=_PLAIN)]
ExternalId = Annotated[str, Field(min_length=1, max_length=120, pattern=_PLAIN)]
Number = Annotated[int, Field(ge=1, le=MOST_ID, strict=True)]
Tag = Annotated[str, Field(min_length=1, max_length=60, pattern=_PLAIN)]
Value = (
    Annotated[str, Field(max_length=500, pattern=_PLAIN)]
    | bool
    | Annotated[int, Field(ge=-MOST_ID, le=MOST_ID)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | Annotated[list[Tag], Field(max_length=50)]
)
Attributes = dict[str, Value]
Item = TypeVar("Item")


def _address(text: str) -> str:
    try:
        return normalise(text)
    except AddressError as error:
        raise ValueError(error.reason) from error


def _siren(text: str) -> str:
    if not is_siren(text):
        raise ValueError("nine digits, of which the last one checks the others")
    return text


Address = Annotated[
    str,
    Field(max_length=320, description="One e-mail address; kept in its normal form."),
    AfterValidator(_address),
]
Siren = Annotated[str, Field(pattern=r"^[0-9]{9}$"), AfterValidator(_siren)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactPatch(_Form):
    """What is given is written, the rest stays."""

    address: Address = ""
    external_id: ExternalId | None = None
    first_name: Text = ""
    last_name: Text = ""
    job: Text = Field(default="", description="Function as written.")
    organisation_id: Number | None = None
    language: Literal["fr", "en"] = "fr"
    attributes: Attributes = Field(
        default={},
        max_length=_MOST_ATTRIBUTES,
        description="`tags` is a list of words, by which a rule may choose.",
    )

    @field_validator("attributes")
    @classmethod
    def _named(cls, value: Attributes) -> Attributes:
        if any(not name or len(name) > 60 or _LINE.search(name) for name in value):
            raise ValueError("a name of an attribute has 1 to 60 plain characters")
        if any(isinstance(each, list) is not (name == TAGS) for name, each in value.items()):
            raise ValueError("tags is a list of words; no other attribute is a list")
        return value


class ContactPut(ContactPatch):
    """The whole contact: what is not given is emptied. Source and date stay those of the first time."""

    address: Address
    source: Word = Field(description="Where the address comes from (GDPR 14).")
    registered_on: date | None = Field(default=None, description="When the person gave it. Default: today.")


class ContactSearch(_Form):
    """One of the two."""

    address: Address | None = None
    external_id: ExternalId | None = None


class Barred(BaseModel):
    """`scope` is a topic, or `*` for everything."""

    scope: str
    reason: ExclusionReason
    at: datetime
    source: str


class Contact(BaseModel):
    id: int
    external_id: str | None
    address: str
    first_name: str
    last_name: str
    job: str
    organisation_id: int | None
    language: str
    source: str
    registered_on: date | None
    tracking: TrackingConsent = Field(description="The answer about the measure of openings.")
    paused_until: date | None
    attributes: dict[str, Any]
    exclusions: list[Barred]
    created_at: datetime
    updated_at: datetime


class TrackingAnswer(_Form):
    """What the person answered about the measure of openings."""

    state: Literal["granted", "denied"]
    evidence: Evidence = Field(description="The wording they saw, or where the answer is kept (rules P7).")
    source: Word


class Excluding(_Form):
    scope: Word = Field(default="*", description="A topic, or `*` for everything.")
    source: Word = Field(description="Who decided, and why.")


class Period(_Form):
    """`until_on` is the last day, null while it holds."""

    from_on: date
    until_on: date | None = None


class OrganisationPatch(_Form):
    """What is given is written, the rest stays; `memberships` that are given are all there are."""

    external_id: ExternalId | None = None
    siren: Siren | None = None
    name: Word = ""
    kind: OrganisationKind = OrganisationKind.OTHER
    departement: Text = ""
    region: Text = ""
    population: Annotated[int, Field(ge=0, le=2_000_000_000, strict=True)] | None = None
    memberships: Annotated[list[Period], Field(max_length=100)] | None = None


class OrganisationPut(OrganisationPatch):
    """The whole organisation: what is not given is emptied, but for its memberships."""

    name: Word


class Organisation(BaseModel):
    id: int
    external_id: str | None
    siren: str | None
    name: str
    kind: str
    departement: str
    region: str
    population: int | None
    memberships: list[Period]
    created_at: datetime
    updated_at: datetime


class Proof(_Form):
    """A consent of the person's own."""

    wording: Evidence = Field(description="The words that they agreed to, or the name of their version.")
    given_at: AwareDatetime


class Subscribing(_Form):
    source: Word = Field(description="Where the person asked: the name of a form, of a meeting.")
    consent: Proof | None = Field(default=None, description="Needed for whoever has left before.")
    confirm: bool = Field(
        default=False, description="Send the mail with a link first; only a click subscribes."
    )


class Leaving(_Form):
    source: Word
    topic: Word = Field(default="*", description="A topic, or `*` for everything.")


class Subscription(BaseModel):
    contact_id: int
    topic: str
    state: SubscriptionState
    at: datetime


class Page(BaseModel, Generic[Item]):
    """`next` is the cursor of the following page, null on the last one."""

    items: list[Item]
    next: str | None
