"""Which networks noise can't tell apart, and which of them is recommended: the cheapest that does no harm."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.plane.interval import t_half_widths

Array = NDArray[np.float64]
# What a cheaper network may lose against single-task networks and be recommended, in percentage points.
NEGLIGIBLE_LOSS = 0.2
# Rounding errors are no difference.
_TINY = 1e-9


def zero_inside(differences: Array, *, extra: Array | float = 0.0) -> NDArray[np.bool_]:
    """Return whether the t interval of each mean difference includes 0; not where fewer than two seeds are known.

    Args:
        differences: ``[n, n_seeds]``; NaN where a seed is missing.
        extra: Squared half width that adds to that of the seeds, ``[n]``.
    """
    if np.isfinite(differences).all():
        half = t_half_widths(differences.T)
        inside: NDArray[np.bool_] = np.isfinite(half) & (
            np.abs(differences.mean(axis=1)) <= np.sqrt(half**2 + extra) + _TINY
        )
        return inside
    rows = [row[np.isfinite(row)] for row in differences]
    more = np.broadcast_to(extra, len(rows))
    return np.array(
        [
            len(row) > 1 and abs(row.mean()) <= np.sqrt(float(t_half_widths(row)) ** 2 + add) + _TINY
            for row, add in zip(rows, more, strict=True)
        ],
        dtype=bool,
    )


def without_harm(within_noise: NDArray[np.bool_], scores: Array, lows: Callable[[int], float]) -> NDArray[np.bool_]:
    """Return which networks may stand for which: none that may well lose for one that may lose less.

    That noise can't tell two networks apart is no evidence that they are equal: with much noise, the cheapest one would
    stand for all. A gain of 0 is there for certain, by single-task networks; so one below it stands only for those
    below it that may lose as much.

    Args:
        within_noise: Which pairs can't be told apart, ``[n, n]``.
        scores: Of the networks, ``[n]``.
        lows: Gives the lower end of the interval of the score of a network by its place.
    """
    below = scores < -_TINY
    if not below.any():
        return within_noise
    # What a network may lose at most: nothing is asked of one that is not below 0.
    worst = np.array([lows(place) if each else 0.0 for place, each in enumerate(below)])
    harm: NDArray[np.bool_] = worst < worst[:, None] - NEGLIGIBLE_LOSS
    found: NDArray[np.bool_] = within_noise & ~harm
    return found


def cheapest_equal(within_noise: NDArray[np.bool_]) -> list[int]:
    """Return for each network the first one, and so the cheapest, that noise can't tell from it.

    Args:
        within_noise: Which pairs can't be told apart, ``[n, n]``, networks by rising cost; each equals itself.
    """
    return [int(place) for place in np.argmax(within_noise, axis=1)]
