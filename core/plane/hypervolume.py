"""How much of the plane a Pareto front dominates: one number for a whole family."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.plane.interval import LEVEL

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hypervolume:
    """The area between a Pareto front and a reference point.

    The reference point has the cost of single-task networks. The area is in percentage points of gain: the mean, over
    all budgets from nothing to single-task networks, of what the best network within the budget gains above the
    reference gain, and 0 where none is within it.

    Args:
        area: Its median over what expected gains may be; that of the mean gains where all networks are of one seed.
        interval: 90 % interval; None where all networks are of one seed.
        reference_gain: Gain of the reference point, percent.
        n_networks: Networks that it is the area of.

    Reference:
        Zitzler and Thiele 1998, Multiobjective optimization using evolutionary algorithms.
    """

    area: float
    interval: tuple[float, float] | None
    reference_gain: float
    n_networks: int


def areas_under_fronts(costs: Array, gains: Array, reference_gain: float) -> Array:
    """Return the area of each front, ``[n_draws]``.

    Args:
        costs: As fractions of single-task networks, rising, ``[n_networks]``.
        gains: Of the same networks, ``[n_draws, n_networks]``.
        reference_gain: Gains below it dominate nothing.
    """
    widths = np.diff(np.minimum(np.append(costs, 1.0), 1.0))
    heights = np.maximum(np.maximum.accumulate(gains, axis=1) - reference_gain, 0.0)
    found: Array = heights @ widths
    return found


def hypervolume(costs: Array, means: Array, draws: Array, reference_gain: float) -> Hypervolume:
    """Return the area that networks dominate, with its interval.

    Args:
        costs: As fractions of single-task networks, rising, ``[n_networks]``.
        means: Mean gains over seeds, ``[n_networks]``.
        draws: Of the expected gains, ``[n_draws, n_networks]``; NaN of networks of one seed, which are left out where
            there are others.
        reference_gain: Gain of the reference point.
    """
    known = np.isfinite(draws).all(axis=0)
    if not known.any():
        area = float(areas_under_fronts(costs, means[None], reference_gain)[0])
        return Hypervolume(area, None, reference_gain, len(costs))
    areas = areas_under_fronts(costs[known], draws[:, known], reference_gain)
    # Of two seeds the draws have no mean.
    low, middle, high = np.quantile(areas, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return Hypervolume(float(middle), (float(low), float(high)), reference_gain, int(known.sum()))
