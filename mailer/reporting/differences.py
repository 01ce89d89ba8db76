"""Which difference between two rates can be told from chance: asked before anybody reads one into the numbers."""

from collections.abc import Sequence
from datetime import datetime
from math import inf, sqrt
from statistics import median

from mailer.model.series import Discernible, LetterFigures
from mailer.reporting.comparison import is_whole, year_before
from mailer.reporting.statistics import SMALLEST_COHORT

#: Two-sided 5 %, and the quantile that gives a power of 80 %.
_Z_LEVEL, _Z_POWER = 1.959963984540054, 0.8416212335729143
#: Halvings of the range: far finer than a rate is printed.
_STEPS = 40


def discernible(letters: Sequence[LetterFigures], *, at: datetime, zone: str) -> Discernible | None:
    """What two letters of one campaign must differ by, from its measured letters of the last twelve months.

    Only letters measured in the mode of the latest of them count, and errata do not. None with fewer than two of
    them, or where they speak of a handful of people.
    """
    since = year_before(at, zone)
    rated = [
        each
        for each in letters
        if is_whole(each) and since <= each.started_at <= at and each.rate_high is not None
    ]
    alike = [each for each in rated if each.tracking == rated[-1].tracking]
    if len(alike) < 2:
        return None
    copies = int(median(each.measured for each in alike))
    rate = median(each.rate_high or 0.0 for each in alike)
    if copies < SMALLEST_COHORT:
        return None
    return Discernible(len(alike), copies, rate, smallest_difference(rate, copies))


def smallest_difference(rate: float, copies: int) -> float | None:
    """The smallest true difference that two groups of so many measured copies show with a power of 80 %, at 5 % two-sided.

    Two proportions, normal approximation without correction for continuity (Fleiss, Levin and Paik, Statistical
    Methods for Rates and Proportions, 3rd edition, 2003, section 4.2): with p = (p1 + p2) / 2 each group needs
    n = (z_level * sqrt(2 p (1 - p)) + z_power * sqrt(p1 (1 - p1) + p2 (1 - p2)))^2 / (p2 - p1)^2, here solved for p2. The
    other rate is looked for towards one half, where chance is larger and the answer more careful. None where even
    the largest difference would not show.
    """
    base = min(rate, 1 - rate)
    low, high = 0.0, 1 - base
    if _needed(base, high) > copies:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _needed(base, middle) > copies else (low, middle)
    return high


def _needed(rate: float, difference: float) -> float:
    """Copies in each group."""
    other = rate + difference
    mean = (rate + other) / 2
    spread = _Z_LEVEL * sqrt(2 * mean * (1 - mean))
    spread += _Z_POWER * sqrt(rate * (1 - rate) + max(0.0, other * (1 - other)))
    return (spread / difference) ** 2 if difference else inf
