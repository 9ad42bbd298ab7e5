"""Intervals of means over seeds."""

import math
from collections.abc import Sequence

from scipy.stats import t as student

LEVEL = 0.9


def t_interval(values: Sequence[float], *, level: float = LEVEL) -> tuple[float, float] | None:
    """Return Student's t interval of the mean of independent values, one per seed; None with fewer than two.

    Args:
        values: One per seed.
        level: Probability that the interval covers the mean.

    >>> t_interval([1.0])
    >>> low, high = t_interval([1.0, 3.0])
    >>> round(low, 2), round(high, 2)
    (-4.31, 8.31)
    """
    n = len(values)
    if n < 2:
        return None
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(student.ppf((1 + level) / 2, n - 1)) * math.sqrt(variance / n)
    return mean - half, mean + half
