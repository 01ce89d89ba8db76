"""On which day and at which hour letters of a campaign were opened most, and how far that can be trusted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from math import sqrt
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

from mailer.model.measuring import SMALLEST_COHORT
from mailer.model.report import Interval, LetterFigures
from mailer.model.series import Slot
from mailer.reporting.comparison import is_whole, year_before

#: Of fewer letters no mean is told with an interval: what they were about weighs more than their hour.
FEWEST = 3
#: Student's t, two-sided 95 %, for 2 to 30 degrees of freedom; beyond, that of the normal distribution is near enough.
_T = (
    4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_T_MANY = 1.96


def slots(letters: Sequence[LetterFigures], *, at: datetime, zone: str) -> tuple[Slot, ...]:
    """Local day of the week and hour of the letters of the last twelve months, the highest mean rate first.

    Only letters measured in the mode of the latest of them count. The interval is that of the mean of letters, not of
    their copies: letters of one hour differ by their subjects, far more than by the chance of who opens.
    """
    since = year_before(at, zone)
    rated = [
        each
        for each in letters
        if is_whole(each) and since <= each.started_at <= at and each.measured >= SMALLEST_COHORT
    ]
    found: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for each in rated:
        if each.tracking == rated[-1].tracking and each.rate_high is not None:
            local = each.started_at.astimezone(ZoneInfo(zone))
            found[local.weekday(), local.hour].append(each.rate_high)
    made = [Slot(*moment, len(rates), fmean(rates), _interval(rates)) for moment, rates in found.items()]
    return tuple(sorted(made, key=lambda each: (-each.rate, each.weekday, each.hour)))


def _interval(rates: Sequence[float]) -> Interval | None:
    if len(rates) < FEWEST:
        return None
    freedom = len(rates) - 1
    quantile = _T[freedom - 2] if freedom - 2 < len(_T) else _T_MANY
    half, mean = quantile * stdev(rates) / sqrt(len(rates)), fmean(rates)
    return Interval(max(0.0, mean - half), min(1.0, mean + half))
