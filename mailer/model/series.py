"""Letters side by side: what one letter is compared with, a campaign's run of letters, a year.

Rates are fractions from 0 to 1; None where there is nothing to divide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mailer.model.report import Interval, LetterFigures


@dataclass(frozen=True, slots=True)
class Place:
    """One figure beside the same figure of the letters compared: their median, least and most."""

    own: float
    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One letter beside its campaign's letters of the twelve months before it.

    `letters` is how many left; `alike` is how many of them were measured in the same mode: opens are compared with
    those alone. `places` holds a figure only where there is something to compare it with.
    """

    letters: int
    alike: int
    places: Mapping[str, Place] = field(default_factory=dict)
    #: Hour since the departure -> the median of the opens, of those alike.
    hours: Mapping[int, float] = field(default_factory=dict)

    @property
    def rate(self) -> Place | None:
        """The open rate, by the broad count."""
        return self.places.get("opened")


@dataclass(frozen=True, slots=True)
class ListMonth:
    """Who came to a topic and who left it in one month."""

    first: date
    arrivals: int
    departures: int


@dataclass(frozen=True, slots=True)
class ListHealth:
    """The subscribers of one topic: how many, how many of them must not be written to, and why."""

    topic: str
    subscribed: int
    #: Subscribers with an exclusion of whatever reason, each once.
    barred: int
    #: Reason -> subscribers; somebody may have two.
    barred_by: Mapping[str, int]
    #: Answer about the measure -> subscribers.
    consents: Mapping[str, int]
    months: tuple[ListMonth, ...]

    @property
    def writable(self) -> int:
        return self.subscribed - self.barred


@dataclass(frozen=True, slots=True)
class ModeRate:
    """The mean of the open rates of letters that were measured in one mode; `low` is the strict count."""

    tracking: str
    letters: int
    low: float
    high: float
    #: Measured copies of all of them.
    measured: int


@dataclass(frozen=True, slots=True)
class CampaignMonth:
    """One month of a campaign: how many letters left, and their mean rate in the year's mode."""

    month: int
    letters: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class CampaignYear:
    """One campaign in one year. `rates` has one entry per mode: rates of two modes are never one number."""

    campaign: str
    title: str
    rhythm: str
    letters: int
    #: Mean number of recipients (accepted copies) per letter.
    recipients: float
    accepted: int
    delivered: int
    unsubscribed: int
    first_at: datetime
    rates: tuple[ModeRate, ...]
    #: The same campaign a year before; None where it sent nothing.
    before: "CampaignYear | None"
    months: tuple[CampaignMonth, ...]

    @property
    def rate(self) -> ModeRate | None:
        """The rate of the year: None where nothing was measured, or where the mode changed in between."""
        return self.rates[0] if len(self.rates) == 1 else None

    @property
    def moved(self) -> float | None:
        """By how much the rate differs from the year before, where both were measured alike."""
        now, then = self.rate, self.before.rate if self.before else None
        return now.high - then.high if now and then and now.tracking == then.tracking else None


@dataclass(frozen=True, slots=True)
class Slot:
    """The letters of one campaign that left on the same day of the week, in the same local hour."""

    #: 0 is Monday.
    weekday: int
    hour: int
    letters: int
    #: The mean of their rates, each letter counting once.
    rate: float
    #: 95 % of that mean; None with fewer than three letters.
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Discernible:
    """By how much two letters of a campaign must differ before it is more than chance."""

    #: How many letters of the last twelve months are measured alike; the medians of their measured copies and rates.
    letters: int
    copies: int
    rate: float
    #: None where no difference whatever would show.
    difference: float | None


@dataclass(frozen=True, slots=True)
class TopicClicks:
    """A subject that people followed, with its unique clicks over all letters of the year."""

    url: str
    label: str
    clicks: int


@dataclass(frozen=True, slots=True)
class YearReview:
    """What left in one calendar year of the workspace's zone."""

    year: int
    #: Everything that left, errata too: what lists name one by one. No sum, mean or subject counts an erratum.
    letters: tuple[LetterFigures, ...]
    campaigns: tuple[CampaignYear, ...]
    topics: tuple[TopicClicks, ...]
    #: Letters whose clicks are counted and told: `topics` speaks of these alone.
    followed: int
    #: Whether the year still runs.
    is_running: bool

    @property
    def regular(self) -> tuple[LetterFigures, ...]:
        """The letters of the series: an erratum goes to a part of their readers and is none of its own."""
        return tuple(each for each in self.letters if not each.erratum_of)

    @property
    def occasional(self) -> tuple[CampaignYear, ...]:
        """What left on occasion and is not measured: where there are several, they are told together."""
        found = tuple(each for each in self.campaigns if each.rhythm == "adhoc" and not each.rates)
        return tuple(sorted(found, key=lambda each: -each.letters)) if len(found) > 1 else ()

    @property
    def accepted(self) -> int:
        """Copies of the letters of the series: the sum of the campaigns' copies."""
        return sum(each.accepted for each in self.regular)
