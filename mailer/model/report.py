"""The figures of one send. Rates are fractions from 0 to 1; None where there is nothing to divide."""

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, slots=True)
class Report:
    """What the officer reads afterwards: planned = accepted + refused + excluded + in_doubt (+ open while it runs).

    `measured` counts delivered copies that carry a pixel: the denominator of the rate (rules O1, O3).
    """

    campaign: str
    issue: str
    number: int | None
    title: str
    subject: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    planned: int
    accepted: int
    refused: int
    excluded: int
    in_doubt: int
    #: Not concluded yet: planned, claimed or posting. 0 on a finished report.
    open: int
    cancelled: int
    #: Accepted copies whose fate the provider has told.
    told: int
    delivered: int
    bounced: int
    complained: int
    unsubscribed: int
    tracking: str
    measured: int
    opens_low: int
    opens_high: int
    loaded: int
    rate_low: float | None
    rate_high: float | None
    interval: Interval | None
    #: None like those of its links: a letter of one link would tell them.
    clicks: int | None
    refused_by: dict[str, int]
    excluded_by: dict[str, int]
    left_out: dict[str, int]
    hours: tuple[HourCount, ...] = ()
    cohorts: tuple[CohortFigures, ...] = ()
    links: tuple[LinkFigures, ...] = ()
    #: The attribute that made the cohorts, such as organisation.kind.
    cohort_by: str = ""
