"""The measured cells of one task of a table, with what noise their means have."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.estimators.two_task import Array, TwoTaskTable

# Variance of a cell without noise, beside 1.
EXACT: Final = 1e-9


@dataclass(frozen=True, eq=False)
class MeasuredCells:
    """The measured cells of one task.

    Args:
        known: Which cells, as indices.
        means: Over their seeds.
        loads: What the baseline β of each seed counts in a mean, ``[n_seeds, n_known]``; of values with standard errors
            or none there is one.
        own: What ε adds to the variance of a mean, per 1 − κ, ``[n_known]``.
        scatter: Deviations of seeds from their mean, ``[n_seeds, n_noisy]``; of one seed none.
        fixed: Whether the noise is given in percent², so that κ and τ² are known.
        n_seeds: Seeds that a cell usually has; a new measurement of a layout is taken to have as many.

    A cell that is 0 to the last digit in every seed has no noise: both networks are the same, as where shared blocks
    are frozen.
    """

    known: NDArray[np.int64]
    means: Array
    loads: Array
    own: Array
    scatter: Array
    fixed: bool
    n_seeds: float = 1.0

    @classmethod
    def of(cls, table: TwoTaskTable, task: int) -> "MeasuredCells":
        others = np.arange(table.n_tasks) != task
        means = table.values[task, others, 1:].ravel()
        known = np.flatnonzero(~np.isnan(means))
        n, nothing = len(known), np.empty((0, len(known)))
        if table.samples is not None:
            seeds = table.samples[:, task][:, others, 1:].reshape(len(table.samples), -1)[:, known]
            there = ~np.isnan(seeds)
            counts = np.maximum(there.sum(axis=0), 1)
            usual = float(np.median(there.sum(axis=0))) if n else 1.0
            noisy = (there & (seeds != 0)).any(axis=0)
            complete = seeds[there.all(axis=1)][:, noisy]
            scatter = complete - complete.mean(axis=0) if len(complete) > 1 else nothing
            own = np.where(noisy, 1 / counts, EXACT)
            return cls(known, means[known], there / counts * noisy, own, scatter, fixed=False, n_seeds=usual)
        if table.stderr is not None:
            error = table.stderr[task, others, 1:].ravel()[known]
            usual = float(np.median(error[np.isfinite(error)])) if np.isfinite(error).any() else 0.0
            error = np.maximum(np.where(np.isfinite(error), error, usual), 1e-3)
            return cls(known, means[known], error[None], error**2, nothing, fixed=True)
        return cls(known, means[known], np.ones((1, n)), np.ones(n), nothing, fixed=False)

    @cached_property
    def overlap(self) -> Array:
        """What β adds to the covariance of two means, per κ; ``[n_known, n_known]``."""
        found: Array = self.loads.T @ self.loads
        return found
