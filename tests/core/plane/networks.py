"""Measured networks with known gains."""

from collections.abc import Iterable, Mapping

import numpy as np

from core.costs import CostQuestion, Unit
from core.plane.interval import t_interval
from core.plane.point import GainOrigin, PlanePoint

QUESTION, UNIT = CostQuestion.STORED, Unit.PARAMETERS


def network(
    label: str, cost: float, gains: Mapping[int, float] | Iterable[float], family: str = "any", tasks=("a", "b")
) -> PlanePoint:
    """A network whose tasks all gain the same, of seeds 0, 1, … unless they are given."""
    by_seed = dict(gains) if isinstance(gains, Mapping) else dict(enumerate(gains))
    values = [float(value) for value in by_seed.values()]
    mean = float(np.mean(values))
    return PlanePoint(
        family=family,
        label=label,
        tasks=tasks,
        costs={(QUESTION, UNIT): cost},
        gains=(mean,) * len(tasks),
        gain=mean,
        interval=t_interval(values),
        n_seeds=len(values),
        origin=GainOrigin.MEASURED,
        seed_gains={seed: (value,) * len(tasks) for seed, value in zip(by_seed, values, strict=True)},
    )
