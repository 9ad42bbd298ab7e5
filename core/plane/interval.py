"""Intervals of means over seeds."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

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
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    half = float(t_half_widths(np.asarray(values, dtype=np.float64), level=level))
    return mean - half, mean + half


def t_half_widths(values: NDArray[np.float64], *, level: float = LEVEL) -> NDArray[np.float64]:
    """Return half the width of Student's t interval of each mean over seeds; infinite with one seed.

    Args:
        values: One per seed along the first axis, ``[n_seeds, ...]``.
        level: Probability that an interval covers its mean.

    Returns:
        Of the shape of one seed.
    """
    n = len(values)
    if n < 2:
        return np.full(values.shape[1:], np.inf)
    half: NDArray[np.float64] = np.asarray(_quantile(level, n - 1) * values.std(axis=0, ddof=1) / math.sqrt(n))
    return half


@lru_cache(maxsize=256)
def _quantile(level: float, freedom: int) -> float:
    return float(stdtrit(freedom, (1 + level) / 2))
