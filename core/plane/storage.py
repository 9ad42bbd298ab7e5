"""What is stored for the first 1 … T tasks of a study, family by family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import BYTES_PER_PARAMETER
from core.costs import Unit
from core.errors import BudgetError
from core.plane.interval import t_interval
from core.plane.point import PlanePoint


@dataclass(frozen=True, slots=True)
class FirstTasksGain:
    """What a network for the first tasks of a study gained, test split.

    Args:
        gain: Mean Δ over these tasks and over seeds, percent.
        interval: 90 % interval of it; None with one seed.
        n_seeds: Seeds that it is a mean of; 0 where it is 0 by definition.
    """

    gain: float
    interval: tuple[float, float] | None
    n_seeds: int


# One task alone is what gains are measured against.
ONE_TASK: Final = FirstTasksGain(0.0, (0.0, 0.0), 0)


def first_tasks_gain(gains: NDArray[np.float64]) -> FirstTasksGain | None:
    """Return the mean gain of some tasks; None where no seed has all of them.

    Args:
        gains: Δ of these tasks, percent, ``[n_seeds, k]``; NaN where a run is missing.
    """
    complete = gains[np.isfinite(gains).all(axis=1)]
    if not len(complete):
        return None
    by_seed = complete.mean(axis=1).tolist()
    return FirstTasksGain(fmean(by_seed), t_interval(by_seed), len(by_seed))


@dataclass(frozen=True, slots=True)
class StorageCurve:
    """How what is stored grows with tasks, heads apart.

    Sizes follow from how a family's networks are built, so those for fewer than T tasks need no training.

    Args:
        family: Name of the family.
        label: What is stored, such as a layout.
        params: Parameters for the first k tasks, k = 1 … T, ``[n_tasks]``.
        measured: The network of all T tasks with its gain on the test split; None where it is not trained.
        first: Number of tasks k → what the network for the first k tasks alone gained, where one was trained.
    """

    family: str
    label: str
    params: tuple[float, ...]
    measured: PlanePoint | None = None
    first: Mapping[int, FirstTasksGain] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        assert self.params
        assert all(params >= 0 for params in self.params)
        assert all(1 <= k <= len(self.params) for k in self.first)

    def sizes(self, unit: Unit) -> tuple[float, ...]:
        """Return what is stored for the first k tasks in parameters, or in float32 bytes.

        Raises:
            BudgetError: The unit is another one.
        """
        if unit is Unit.PARAMETERS:
            return self.params
        if unit is Unit.BYTES:
            return tuple(params * BYTES_PER_PARAMETER for params in self.params)
        raise BudgetError(f"What is stored has no answer in {unit}. Choose from: parameters, bytes.")


def best_measured(points: list[PlanePoint]) -> PlanePoint | None:
    """Return the measured network with the largest mean gain, of equals the first; None where there is none."""
    return max(points, key=lambda point: point.gain, default=None)


def whole_gain(point: PlanePoint | None) -> dict[int, FirstTasksGain]:
    """Return the gain of a network of all tasks under their number; nothing where it is not measured."""
    if point is None or not point.seed_gains:
        return {}
    gain = first_tasks_gain(np.array(list(point.seed_gains.values())))
    return {} if gain is None else {len(point.tasks): gain}
