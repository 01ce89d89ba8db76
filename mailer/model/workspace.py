"""What people write: campaigns, issues made of blocks, block types, the theme. Values, read from files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any

from mailer.model.calendar import CalendarEvent
from mailer.model.segment import Segment

#: `date` under a name that the field `Compiled.date` does not hide.
Day = date

#: By which clock a campaign goes that names none.
USUAL_ZONE = "Europe/Paris"


class Tracking(StrEnum):
    """The mode of measure of a campaign; see docs/reference/tracking.md."""

    NONE = "none"
    CONSENTED = "consented"
    ANONYMOUS = "anonymous"


class FieldSource(StrEnum):
    """Where a block's field stands in the Markdown file."""

    ATTRIBUTE = "attribute"  # {image="…"} on the fence line
    HEADING = "heading"  # the body's first `# ` line
    BODY = "body"  # the rest of the body, CommonMark


class FieldKind(StrEnum):
    """How a field is checked and edited."""

    LINE = "line"  # one line of plain text
    TEXT = "text"  # CommonMark: bold, italic, links, lists
    URL = "url"
    IMAGE = "image"  # a path below the campaign's folder
    FILE = "file"
    ALT = "alt"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class BlockField:
    """One field of a block type, from its TOML file."""

    name: str
    kind: FieldKind
    source: FieldSource
    label: Mapping[str, str]  # language -> label
    help: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    default: str = ""
    maximum: int | None = None  # characters
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockType:
    """One kind of block: three files in templates/blocks and no Python."""

    kind: str
    label: Mapping[str, str]
    fields: tuple[BlockField, ...]
    mjml: str  # source of <kind>.mjml.j2
    text: str  # source of <kind>.txt.j2
    path: Path
    icon: str = "text"


@dataclass(frozen=True, slots=True)
class Layout:
    """The frame of a mail: header, slots for blocks, footer."""

    name: str
    mjml: str
    text: str
    path: Path


@dataclass(frozen=True, slots=True)
class Templates:
    """Everything under templates/: plain data, ready for the compiler."""

    root: Path
    theme: Mapping[str, Any]  # theme.toml as read
    layouts: Mapping[str, Layout]
    blocks: Mapping[str, BlockType]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an issue: `::: kind {attributes}` body `:::`."""

    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    #: The lines between the fences, without the last line break.
    body: str = ""
    #: Where the fence stands in the file; not part of equality.
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition of a campaign (a *lettre*): its front matter and its blocks."""

    campaign: str
    slug: str
    path: Path
    subject: str
    #: What half of the people read in its place, to learn which one is opened more; empty: one subject.
    second_subject: str = ""
    preheader: str = ""
    #: Local hour wished for, in the campaign's zone.
    send_at: datetime | None = None
    number: int | None = None
    #: The slug of the issue of the same campaign that this one corrects; only whoever has a copy of that one gets it.
    erratum_of: str = ""
    blocks: tuple[Block, ...] = ()
    #: The front matter that has no field above: plain values (text, numbers, dates, flags), kept by the writer.
    front: Mapping[str, Any] = field(default_factory=dict)
    #: Where each key of the front matter stands in the file; not part of equality.
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def ref(self) -> str:
        """How commands and pages name it: campaign/issue."""
        return f"{self.campaign}/{self.slug}"

    @property
    def asks_consent(self) -> bool:
        """Whether it asks for the consent to be measured; such a letter is never measured itself (rules P5)."""
        return self.front.get("asks_consent") is True

    @property
    def event(self) -> str:
        """The event of this campaign that the letter is about, by the name of its file; empty: none."""
        return str(self.front.get("event", ""))

    @property
    def event_letter(self) -> str:
        """What it is for (mailer.model.calendar.EventLetter); empty: a letter of its own."""
        return str(self.front.get("event_letter", ""))

    @property
    def events(self) -> tuple[str, ...]:
        """Every event that it speaks of, each once."""
        named = [self.event, *(each.attributes.get("event", "") for each in self.blocks)]
        return tuple(dict.fromkeys(filter(None, named)))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the letters of a weekly campaign are planned, and what each begins with: `[rhythm]` in campaign.toml."""

    #: Monday is 0.
    weekday: int
    #: Local, in the campaign's zone.
    hour: time
    #: The slug of the file that each new letter begins as a copy of; empty: nothing is prepared.
    frame: str = ""
    #: So many days before the hour, a letter that is not scheduled is mentioned.
    remind_days: int = 2


@dataclass(frozen=True, slots=True)
class Campaign:
    """A continuing series: campaign.toml."""

    slug: str
    title: str
    path: Path
    topic: str
    segment: str
    layout: str
    sender_name: str
    sender_address: str
    reply_to: str = ""
    #: monthly, weekly, or adhoc.
    rhythm: str = "adhoc"
    #: The planned day of a weekly campaign, where its file names one.
    plan: Rhythm | None = None
    zone: str = USUAL_ZONE
    language: str = "fr"
    tracking: Tracking = Tracking.NONE
    #: `anonymous` needs who decided, when, on whose advice: printed on the settings page (rules P12).
    tracking_decision: str = ""
    #: In `consented`: who decided that the day of a person's last opening is kept, when, and why (rules P9); empty: it is not.
    last_open_decision: str = ""
    #: The attribute that makes cohorts in `anonymous`: a segment field such as organisation.kind.
    cohort: str = ""
    members_only: bool = False
    #: First this many, a look, then the rest; 0 = at once.
    staged: int = 0
    max_lateness_minutes: int = 120
    undo_seconds: int = 300
    #: One send a day at the most (I12); ad-hoc mailings may leave several times a day.
    one_per_day: bool = True
    #: Whether nothing leaves before somebody has approved exactly that.
    approval: bool = False
    #: Who gets the proofs; empty: those of the installation.
    proof_to: tuple[str, ...] = ()
    description: str = ""
    #: Whether everybody may read its letters at /archive; never for members' letters.
    archive: bool = False
    #: Whether search engines are asked to leave the archive out.
    archive_noindex: bool = False
    #: The campaign whose letters people ask for without being members, and whom this one invites; empty: none.
    invites: str = ""
    issues: Mapping[str, Issue] = field(default_factory=dict)
    #: What the next letter begins as a copy of. It stands apart from the issues, so that nothing can send it.
    frame: Issue | None = None
    events: Mapping[str, CalendarEvent] = field(default_factory=dict)

    @property
    def has_archive(self) -> bool:
        """Whether everybody may read what it sent; what is for members never, whatever else its file says."""
        return self.archive and not self.members_only


@dataclass(frozen=True, slots=True)
class Workspace:
    """The three folders, read. What could not be read is not in here but among the problems."""

    root: Path
    templates: Templates
    segments: Mapping[str, Segment]
    campaigns: Mapping[str, Campaign]

    def topics(self) -> dict[str, str]:
        """Topic -> title of the campaign that carries it, in the campaigns' order; an invitation only borrows one."""
        return {each.topic: each.title for each in self.campaigns.values() if not each.invites}


@dataclass(frozen=True, slots=True)
class Compiled:
    """An issue compiled once: HTML and text with slots, and what preflight needs to know.

    `html` and `text` hold slot marks (see rendering.slots); `links` are the distinct http(s) targets of the
    content in document order, the ones that may be tracked; `media` maps the SHA-256 name under which an
    image or file is served (`<sha256>.<extension>`) to its path in the workspace.
    """

    campaign: str
    issue: str
    subject: str
    preheader: str
    html: str
    text: str
    links: tuple[str, ...] = ()
    link_labels: tuple[str, ...] = ()
    media: Mapping[str, Path] = field(default_factory=dict)
    language: str = "fr"
    date: Day | None = None
    #: With slots like `subject`; where there is one, `html` and `text` have a slot in the place of the subject.
    second_subject: str = ""


def field_values(block: Block, block_type: BlockType) -> dict[str, str]:
    """Each declared field of the block with its text: attribute, first `# ` heading, or the rest of the body."""
    heading, body = split_body(block.body)
    has_heading = any(field.source is FieldSource.HEADING for field in block_type.fields)
    values = {}
    for declared in block_type.fields:
        if declared.source is FieldSource.ATTRIBUTE:
            found = block.attributes.get(declared.name, "")
        elif declared.source is FieldSource.HEADING:
            found = heading
        else:
            found = body if has_heading else block.body.strip()
        values[declared.name] = found or declared.default
    return values


def split_body(body: str) -> tuple[str, str]:
    """The text of a leading `# ` line, and what follows it without outer blank lines."""
    first, _, rest = body.strip().partition("\n")
    return (first[2:].strip(), rest.strip()) if first.startswith("# ") else ("", body.strip())
