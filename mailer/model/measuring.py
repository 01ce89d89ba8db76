"""What a measure can say at all: the smallest group that is spoken of, the smallest difference that is not chance."""

from math import ceil, inf, sqrt

#: No figure speaks of fewer copies than this.
SMALLEST_COHORT = 20
#: Two-sided 5 %, and the quantile that gives a power of 80 %.
Z_LEVEL, _Z_POWER = 1.959963984540054, 0.8416212335729143
#: Halvings of the range: far finer than a rate is printed.
_STEPS = 40


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


def copies_needed(rate: float, difference: float) -> int:
    """How many measured copies each of two groups needs to show that difference: the inverse of smallest_difference."""
    return ceil(_needed(min(rate, 1 - rate), difference))


def is_more_than_chance(part: int, whole: int, other: int, other_whole: int) -> bool:
    """Whether two rates differ at the level of 5 %, two-sided (pooled two-proportion z test, as the calculator above)."""
    if not whole or not other_whole:
        return False
    pooled = (part + other) / (whole + other_whole)
    spread = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / other_whole))
    return spread > 0 and abs(part / whole - other / other_whole) / spread > Z_LEVEL


def _needed(rate: float, difference: float) -> float:
    """Copies in each group."""
    other = rate + difference
    mean = (rate + other) / 2
    spread = Z_LEVEL * sqrt(2 * mean * (1 - mean))
    spread += _Z_POWER * sqrt(rate * (1 - rate) + max(0.0, other * (1 - other)))
    return (spread / difference) ** 2 if difference else inf
