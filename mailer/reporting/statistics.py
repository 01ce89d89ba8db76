"""The little statistics that a rate needs."""

from math import sqrt

from mailer.model.measuring import SMALLEST_COHORT, Z_LEVEL
from mailer.model.report import Interval


def rate(part: int, whole: int) -> float | None:
    """A fraction from 0 to 1; None with nothing to divide by."""
    return part / whole if whole else None


def told(count: int, measured: int) -> int | None:
    """Openings or clicks of a letter, or of one link; None where they would speak of a handful of people."""
    return count if measured >= SMALLEST_COHORT else None


def wilson(part: int, whole: int) -> Interval | None:
    """Wilson's 95 % interval of a rate (rules O13): sampling noise only; None with nothing measured."""
    if not whole:
        return None
    share = part / whole
    z2 = Z_LEVEL * Z_LEVEL / whole
    middle = (share + z2 / 2) / (1 + z2)
    half = Z_LEVEL * sqrt(share * (1 - share) / whole + z2 / (4 * whole)) / (1 + z2)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
