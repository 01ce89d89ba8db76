"""Which difference between two rates can be told from chance: asked before anybody reads one into the numbers."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from mailer.model.measuring import SMALLEST_COHORT, smallest_difference
from mailer.model.report import LetterFigures
from mailer.model.series import Discernible
from mailer.reporting.comparison import is_whole, year_before


def discernible(letters: Sequence[LetterFigures], *, at: datetime, zone: str) -> Discernible | None:
    """What two letters of one campaign must differ by, from its measured letters of the last twelve months.

    Only letters measured in the mode of the latest of them count, and errata do not. None with fewer than two of
    them, or where they speak of a handful of people.
    """
    rated = _rated(letters, at=at, zone=zone)
    alike = [each for each in rated if each.tracking == rated[-1].tracking]
    if len(alike) < 2:
        return None
    copies = int(median(each.measured for each in alike))
    rate = median(each.rate_high or 0.0 for each in alike)
    if copies < SMALLEST_COHORT:
        return None
    return Discernible(len(alike), copies, rate, smallest_difference(rate, copies))


def usual_rate(letters: Sequence[LetterFigures], *, tracking: str, at: datetime, zone: str) -> float | None:
    """The median rate of the last twelve months' letters that were measured in this mode; None without any."""
    rates = [each.rate_high or 0.0 for each in _rated(letters, at=at, zone=zone) if each.tracking == tracking]
    return median(rates) if rates else None


def _rated(letters: Sequence[LetterFigures], *, at: datetime, zone: str) -> list[LetterFigures]:
    since = year_before(at, zone)
    return [
        each
        for each in letters
        if is_whole(each) and since <= each.started_at <= at and each.rate_high is not None
    ]
