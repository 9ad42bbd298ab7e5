"""A measured network as a point, from its gains seed by seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit
from core.plane.interval import t_interval
from core.plane.point import GainOrigin, PlanePoint, seed_gains


def measured_point(
    family: str,
    label: str,
    tasks: Sequence[str],
    cost: float | None,
    of: tuple[CostQuestion, Unit],
    seeds: Sequence[int],
    gains: NDArray[np.float64],
) -> PlanePoint | None:
    """Return a network with its gain over the seeds in which every task was measured; tasks count alike.

    Args:
        family: Name of the family.
        label: Its label within the family.
        tasks: Names, in the order of the columns.
        cost: What it costs; None where the family does not say.
        of: The question and unit that the cost answers.
        seeds: In the order of the rows.
        gains: Δ against single-task networks, percent, ``[n_seeds, n_tasks]``; NaN where a run is missing.

    Returns:
        None where there is no cost, or no seed has all tasks.
    """
    there = np.isfinite(gains).all(axis=1)
    complete = gains[there]
    if cost is None or not len(complete):
        return None
    per_seed = complete.mean(axis=1)
    return PlanePoint(
        family=family,
        label=label,
        tasks=tuple(tasks),
        costs={of: cost},
        gains=tuple(complete.mean(axis=0).tolist()),
        gain=float(per_seed.mean()),
        interval=t_interval(per_seed.tolist()),
        n_seeds=len(complete),
        origin=GainOrigin.MEASURED,
        seed_gains=seed_gains(np.array(seeds)[there], complete),
    )
