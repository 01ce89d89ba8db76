"""The figures of one send. Rates are fractions from 0 to 1; None where there is nothing to divide."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Interval:
    """Wilson 95 % interval of a rate (rules O13): sampling noise only."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HourCount:
    """Unique opens first seen in one hour since the send started."""

    hour: int
    loaded: int
    high: int
    low: int


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """One cohort of at least 20 measured copies; smaller ones are together in `autres`, if that is large enough."""

    name: str
    copies: int
    opens_low: int
    opens_high: int
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """One link of the letter; `clicks` is None where so few copies were measured that it would speak of a handful."""

    url: str
    label: str
    clicks: int | None


class TrialVerdict(StrEnum):
    """What two subjects have shown."""

    EARLY = "early"  # looked at again and again, chance would show a difference sooner or later
    CHANCE = "chance"  # no more than chance
    FIRST = "first"
    SECOND = "second"
    TOO_FEW = "too-few"  # a half is a handful
    NOT_TRIED = "not-tried"  # too few people were left to be measured: everybody got the first one


@dataclass(frozen=True, slots=True)
class SubjectFigures:
    """The copies that had one of two subjects."""

    subject: str
    copies: int
    opens_low: int
    opens_high: int
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class SubjectTrial:
    """Two subjects side by side; `subjects` is empty where there is nothing to tell."""

    verdict: TrialVerdict
    subjects: tuple[SubjectFigures, ...]


@dataclass(frozen=True, slots=True)
class LetterFigures:
    """The counts of one letter: what its report says first, and what stands beside those of other letters.

    planned = accepted + refused + excluded + in_doubt, plus cancelled, plus what is not concluded while it runs.
    `measured` counts delivered copies that carry a pixel: the denominator of the rate (rules O1, O3). What was opened and
    clicked is None where fewer than 20 copies are measured: it would speak of a handful of people.
    """

    send_id: int
    campaign: str
    issue: str
    #: The issue that it corrects; empty for an ordinary letter.
    erratum_of: str
    number: int | None
    title: str
    subject: str
    state: str
    #: Of one that has not begun to leave, when it is due.
    started_at: datetime
    planned: int
    accepted: int
    refused: int
    excluded: int
    in_doubt: int
    delivered: int
    bounced: int
    complained: int
    unsubscribed: int
    tracking: str
    measured: int
    opens_low: int | None
    opens_high: int | None
    loaded: int | None
    #: Those of links together: a letter of one link would tell them.
    clicks: int | None
    rate_low: float | None
    rate_high: float | None
    interval: Interval | None

    @property
    def ref(self) -> str:
        return f"{self.campaign}/{self.issue}"

    @property
    def set_aside(self) -> int | None:
        """Automatic loads that are no openings."""
        return None if self.loaded is None or self.opens_high is None else self.loaded - self.opens_high


@dataclass(frozen=True, slots=True)
class Report:
    """What the officer reads afterwards: the counts of the letter, and what they are made of."""

    letter: LetterFigures
    started_at: datetime | None
    ended_at: datetime | None
    #: Not concluded yet: planned, claimed or posting. 0 on a finished report.
    open: int
    cancelled: int
    #: Accepted copies whose fate the provider has told.
    told: int
    refused_by: dict[str, int]
    excluded_by: dict[str, int]
    left_out: dict[str, int]
    #: Empty, like the groups, where the openings are not told.
    hours: tuple[HourCount, ...] = ()
    cohorts: tuple[CohortFigures, ...] = ()
    links: tuple[LinkFigures, ...] = ()
    #: The attribute that made the cohorts, such as organisation.kind.
    cohort_by: str = ""
    #: Where the letter left with two subjects.
    trial: SubjectTrial | None = None

    def count(self, name: str) -> int:
        """One count of the statement, by its name."""
        found: int = getattr(self if name in {"open", "cancelled"} else self.letter, name)
        return found
