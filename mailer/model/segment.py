"""A segment's rule as a tree. Files are read by `workspace`, trees are turned into SQL by `segments`."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

Scalar = str | int | bool | date


class Operator(StrEnum):
    """How a field is compared; each takes one value unless it says a list."""

    IS = "is"
    IS_NOT = "is_not"
    ANY_OF = "any_of"  # a list
    NONE_OF = "none_of"  # a list
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EMPTY = "empty"  # true or false
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BEFORE = "before"
    AFTER = "after"
    WITHIN_DAYS = "within_days"


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with one value or list. `line` is where it stands in its file."""

    field: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]
    line: int | None = dataclasses.field(default=None, compare=False)


class Junction(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined; `[[where]]` is ALL, `[[except]]` is NONE."""

    junction: Junction
    members: tuple["Condition | Group", ...] = ()
    #: The title of the segment that an `in_segment` was replaced by; only for sentences.
    named: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """The rule of one audience file. An empty `where` means everyone subscribed to the topic."""

    slug: str
    title: str
    path: Path
    members_only: bool = False
    where: Group = field(default_factory=lambda: Group(Junction.ALL))
    excepted: Group = field(default_factory=lambda: Group(Junction.NONE))
    #: "organisation": one person per organisation, in the order of `jobs`.
    one_per: str | None = None
    jobs: tuple[str, ...] = ()
    #: One sentence for the desk; no part of the rule.
    description: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """The people a segment names at one instant: contact ids in ascending order, and who falls out, why.

    `excluded` maps a reason (`not_subscribed`, `not_member`, `unsubscribed`, `hard_bounce`, `complaint`,
    `rule`, `paused`, `one_per`, …) to a count, in the order in which the steps apply.
    """

    segment: str
    topic: str
    #: Ascending; an array of eight bytes a person where it was resolved, for it may be a million.
    contact_ids: Sequence[int]
    excluded: dict[str, int]
    #: Contacts considered before any step.
    considered: int
    #: One plain sentence in the asked language.
    sentence: str = ""

    @property
    def count(self) -> int:
        return len(self.contact_ids)
