"""Gradient affinity: what steps of one task do to the losses of others, from one training for each seed."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import proportions
from core.errors import AffinityError

Array = NDArray[np.float64]

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class GradientEffects:
    """Effects of steps while all tasks share all blocks.

    Args:
        tasks: Names in index order.
        seeds: Of the trainings.
        values: By which share of itself a step of one task on one block lowers the loss of another, the mean over the
            training, ``[n_seeds, n_blocks, n_tasks (of the step), n_tasks (of the loss)]``. Not symmetric.

    Raises:
        AffinityError: The values have another shape, or one is missing.

    Reference:
        Fifty et al., Efficiently Identifying Task Groupings for Multi-Task Learning, NeurIPS 2021, eq. 1.
    """

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: Array = field(repr=False)

    def __post_init__(self) -> None:
        n_seeds, n_tasks = len(self.seeds), len(self.tasks)
        shape = self.values.shape
        if not n_seeds or len(shape) != 4 or (shape[0], *shape[2:]) != (n_seeds, n_tasks, n_tasks) or not shape[1]:
            raise AffinityError(
                f"Effects of {n_tasks} tasks from {n_seeds} seeds should have shape [{n_seeds}, n_blocks, {n_tasks}, "
                f"{n_tasks}]. Found {list(shape)}."
            )
        if not np.isfinite(self.values).all():
            raise AffinityError("An effect is missing or infinite. Measure the gradient affinity again.")

    def mean(self) -> Array:
        """Return the mean effect over seeds, ``[n_blocks, n_tasks (of the step), n_tasks (of the loss)]``."""
        found: Array = self.values.mean(axis=0)
        return found

    def of_seeds(self) -> Array:
        """Return the affinities of each seed alone, ``[n_seeds, n_blocks, n_tasks, n_tasks]``; NaN as in ``affinity``.

        Effects of one seed vary much: those of the mean are no mean of these.
        """
        return proportions(_both_ways(self.values))

    def affinity(self) -> Array:
        """Return the affinities of the mean effects over seeds, ``[n_blocks, n_tasks, n_tasks]``.

        The mean of both directions in proportion to the effects of both tasks on themselves: 1 where a step of the
        other task helps as much as an own one, 0 where it does nothing, below 0 where it harms. NaN where a task's own
        steps on a block do not help it.
        """
        return proportions(_both_ways(self.mean()))

    def draws(self, n: int, rng: np.random.Generator) -> Array | None:
        """Return affinities as those of the mean over all seeds may be; None of one seed, which says nothing of others.

        Each cell has Student's distribution, with one degree of freedom less than there are seeds and the standard
        error of the proportion to first order; cells move together as they do between seeds.

        Args:
            n: How many draws.
            rng: Random numbers.

        Returns:
            ``[n, n_blocks, n_tasks, n_tasks]``.
        """
        n_seeds = len(self.seeds)
        if n_seeds < 2:
            return None
        normal = rng.standard_normal((n, n_seeds))
        scale = np.sqrt((n_seeds - 1) / rng.chisquare(n_seeds - 1, n)) / np.sqrt(n_seeds * (n_seeds - 1))
        moved: Array = np.einsum("ns,sbij->nbij", normal * scale[:, None], self.deviations())
        return self.affinity() + moved

    def deviations(self) -> Array:
        """Return how far each seed moves the affinity, to first order, ``[n_seeds, n_blocks, n_tasks, n_tasks]``.

        The differential of N/√(D·D') at the means: what a seed's effect has beyond the mean, less the share that the
        tasks' own effects have.
        """
        found, mean = _both_ways(self.values), _both_ways(self.mean())
        own = np.einsum("btt->bt", mean)
        positive = np.where(own > 0, own, np.nan)
        scale = np.sqrt(positive[:, :, None] * positive[:, None, :])
        shares = (np.einsum("sbtt->sbt", found) - own) / positive
        result: Array = (found - mean) / scale - mean / scale * (shares[..., :, None] + shares[..., None, :]) / 2.0
        return result


def _both_ways(effects: Array) -> Array:
    """Return the mean of both directions of each two tasks; what is as good as no share of a loss is 0."""
    found: Array = (effects + effects.swapaxes(-1, -2)) / 2.0
    return np.where(np.abs(found) < _NOTHING, 0.0, found)
