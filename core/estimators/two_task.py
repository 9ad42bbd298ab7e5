"""The two-task table: Δ of every task next to every other, at every branch point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import TableError
from core.tasks import check_task_names

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TwoTaskTable:
    """Δ of task i when trained with task j, sharing the first b blocks.

    ``values[i, j, b]`` is in percent against the single-task network of i; b = 0 is 0 by
    definition; the diagonal is 0 and never read. A hole (a run not made) is NaN.

    Args:
        tasks: Names, in index order.
        values: ``[n_tasks, n_tasks, n_blocks + 1]``, means over seeds where there are seeds.
        stderr: Same shape, standard error of each value, or None. NaN where unknown.
        samples: ``[n_seeds, n_tasks, n_tasks, n_blocks + 1]``, or None. One seed's cells
            share that seed's single-task baseline, so seeds are resampled jointly.

    Raises:
        TableError: Shapes disagree, a value is infinite, or b = 0 is not zero.
        DataError: Names are unusable, or there are fewer than 2 or more than 40.
    """

    tasks: tuple[str, ...]
    values: Array
    stderr: Array | None = None
    samples: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_task_names(self.tasks)
        n = len(self.tasks)
        if self.values.ndim != 3 or self.values.shape[:2] != (n, n) or self.values.shape[2] < 2:
            raise TableError(
                f"A table of {n} tasks should have shape [{n}, {n}, n_blocks + 1] with at least one block. "
                f"Found {list(self.values.shape)}."
            )
        for name, extra, leading in (("stderr", self.stderr, 0), ("samples", self.samples, 1)):
            if extra is not None and (extra.ndim != 3 + leading or extra.shape[leading:] != self.values.shape):
                wanted = "[n_seeds, n_tasks, n_tasks, n_blocks + 1]" if leading else "the shape of values"
                raise TableError(
                    f"{name} should have {wanted}. Found {list(extra.shape)} beside values {list(self.values.shape)}."
                )
        if self.stderr is not None and (self.stderr < 0).any():
            raise TableError(f"A standard error is {np.nanmin(self.stderr):g}; it should be zero or more.")
        if np.isinf(self.values).any():
            i, j, b = (int(x) for x in np.argwhere(np.isinf(self.values))[0])
            raise TableError(f"Δ of {self.tasks[i]} with {self.tasks[j]} at branch point {b} is infinite.")
        off = ~np.eye(n, dtype=bool)
        at_zero = self.values[off][:, 0]
        if not np.all(np.isnan(at_zero) | (np.abs(at_zero) < 1e-9)):
            raise TableError("Branch point 0 means two single-task networks, so its Δ should be 0.")

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.tasks)

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return int(self.values.shape[2]) - 1

    @cached_property
    def holes(self) -> NDArray[np.bool_]:
        """Where the table lacks a value, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        off = ~np.eye(self.n_tasks, dtype=bool)[:, :, None]
        holes: NDArray[np.bool_] = np.isnan(self.values) & off
        holes[:, :, 0] = False
        return holes

    @cached_property
    def is_measured(self) -> bool:
        """Whether any cell has a value."""
        off = ~np.eye(self.n_tasks, dtype=bool)
        return bool((~np.isnan(self.values[off][:, 1:])).any())

    def restricted(self, tasks: Sequence[int]) -> "TwoTaskTable":
        """Return the table of some of the tasks, in the order given."""
        index = np.ix_(list(tasks), list(tasks))
        return TwoTaskTable(
            tasks=tuple(self.tasks[t] for t in tasks),
            values=self.values[index],
            stderr=None if self.stderr is None else self.stderr[index],
            samples=None if self.samples is None else np.stack([sample[index] for sample in self.samples]),
        )

    @classmethod
    def from_samples(cls, tasks: Sequence[str], samples: Array) -> "TwoTaskTable":
        """Return the table of means and standard errors over seeds.

        Args:
            tasks: Names, in index order.
            samples: ``[n_seeds, n_tasks, n_tasks, n_blocks + 1]``; NaN where a seed lacks a run.
        """
        known = (~np.isnan(samples)).sum(axis=0)
        total = np.nansum(samples, axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known > 0, total / known, np.nan)
            spread = np.sqrt(np.nansum((samples - mean) ** 2, axis=0) / (known - 1))
            stderr = np.where(known > 1, spread / np.sqrt(known), np.nan)
        mean[..., 0] = 0.0
        stderr[..., 0] = 0.0
        diagonal = np.arange(len(tasks))
        mean[diagonal, diagonal] = 0.0
        stderr[diagonal, diagonal] = 0.0
        return cls(tuple(tasks), mean, stderr if len(samples) > 1 else None, samples)
