"""A table without holes: what was not measured is interpolated over the branch points, and less certain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimators.two_task import Array, TwoTaskTable

# Without a single measured step it is unknown how far Δ moves from one branch point to the next.
UNKNOWN_STEP = 1.0
SMALLEST_STEP = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class FilledTable:
    """A table in which every cell has a value and a standard error.

    Args:
        table: The complete table; its ``stderr`` is finite everywhere.
        filled: Which cells were holes, ``[n_tasks, n_tasks, n_blocks + 1]``.
        step: How far Δ moves from one branch point to the next, in percent (standard deviation).
        fill: Linear map from the known cells of a pair to all its cells,
            ``[n_tasks, n_tasks, n_blocks + 1, n_blocks + 1]``.
        orphans: Pairs without a single measured cell, ``[n_tasks, n_tasks]``.
        spread: Standard deviation between the partners that stand in for an orphan, same shape as values.
    """

    table: TwoTaskTable
    filled: NDArray[np.bool_]
    step: float
    fill: Array
    orphans: NDArray[np.bool_]
    spread: Array

    @property
    def values(self) -> Array:
        """Every Δ, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        return self.table.values

    @property
    def stderr(self) -> Array:
        """Standard error of every Δ, same shape."""
        assert self.table.stderr is not None
        return self.table.stderr


def fill_holes(table: TwoTaskTable) -> FilledTable:
    """Return the table with every hole filled, and a standard error for every cell.

    Δ of a task next to another is taken for a random walk over the branch points that starts at
    0. Its step is the root mean square of the measured changes, per square root of a block.
    A hole then has the value that such a walk has on average: between two known branch points
    the straight line, beyond the last one that last value. Its variance is that of the walk
    (step²·(b−l)(r−b)/(r−l) between l and r, step²·(b−l) beyond l) and that of its known ends.
    A pair without any measured cell gets the mean of the task's other partners at each branch
    point, or 0 where there is none, with variance step²·b and the variance between these
    partners. A known cell without a standard error gets the median of the known ones.

    Args:
        table: A table, with holes or without.

    Reference:
        Brownian bridge; our own rule, the papers assume a complete table.
    """
    known = _known(table)
    zeroed = np.where(known, np.nan_to_num(table.values), 0.0)
    step = max(_step(zeroed, known), SMALLEST_STEP)
    fill = fill_operator(known)
    values = np.einsum("ijab,ijb->ija", fill, zeroed)
    variance = np.einsum("ijab,ijb->ija", fill**2, _known_stderr(table, known) ** 2) + step**2 * _walk(known)
    orphans = ~known[..., 1:].any(axis=-1) & ~np.eye(table.n_tasks, dtype=bool)
    values = adopt_orphans(values, orphans)
    spread = _partner_spread(values, orphans)
    variance += spread**2
    complete = TwoTaskTable(table.tasks, values, np.sqrt(variance), table.samples)
    return FilledTable(complete, table.holes, step, fill, orphans, spread)


def adopt_orphans(values: Array, orphans: NDArray[np.bool_]) -> Array:
    """Return values in which a pair without measurement has the mean of its task's other partners.

    Args:
        values: ``[..., n_tasks, n_tasks, n_blocks + 1]``.
        orphans: The pairs without measurement, ``[n_tasks, n_tasks]``.
    """
    parents = ~orphans & ~np.eye(len(orphans), dtype=bool)
    counts = np.maximum(parents.sum(axis=1), 1)
    means = np.einsum("ij,...ijb->...ib", parents / counts[:, None], values)
    return np.where(orphans[:, :, None], means[..., :, None, :], values)


def _known(table: TwoTaskTable) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(table.values)
    known[..., 0] = True
    diagonal = np.arange(table.n_tasks)
    known[diagonal, diagonal] = True
    return known


def _known_stderr(table: TwoTaskTable, known: NDArray[np.bool_]) -> Array:
    """Standard errors of the known cells; b = 0 and the diagonal have none, holes count 0 here."""
    given = np.full(table.values.shape, np.nan) if table.stderr is None else table.stderr.copy()
    diagonal = np.arange(table.n_tasks)
    given[..., 0] = 0.0
    given[diagonal, diagonal] = 0.0
    measured = known & ~np.isnan(given)
    measured[..., 0] = False
    measured[diagonal, diagonal] = False
    typical = float(np.median(given[measured])) if measured.any() else 0.0
    result: Array = np.where(known, np.where(np.isnan(given), typical, given), 0.0)
    return result


def _step(values: Array, known: NDArray[np.bool_]) -> float:
    squares = []
    for i, j in np.argwhere(~np.eye(len(values), dtype=bool)):
        at = np.flatnonzero(known[i, j])
        squares.extend(np.diff(values[i, j, at]) ** 2 / np.diff(at))
    return float(np.sqrt(np.mean(squares))) if squares else UNKNOWN_STEP


def _neighbours(known: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The last known branch point up to b and the first one from b on (−1 where none), per cell."""
    last = known.shape[-1] - 1
    points = np.broadcast_to(np.arange(last + 1), known.shape)
    left = np.maximum.accumulate(np.where(known, points, 0), axis=-1)
    right = np.minimum.accumulate(np.where(known, points, last + 1)[..., ::-1], axis=-1)[..., ::-1]
    return left, np.where(right > last, -1, right)


def fill_operator(known: NDArray[np.bool_]) -> Array:
    """Return the linear map from the known cells to all cells of a sequence over branch points.

    Args:
        known: Which are known, ``[..., n_blocks + 1]``; branch point 0 always is.

    Returns:
        ``[..., n_blocks + 1, n_blocks + 1]``; row b holds what each known cell adds to cell b.

    >>> fill_operator(np.array([True, False, True, False])) @ np.array([0.0, 9.0, 4.0, 9.0])
    array([0., 2., 4., 4.])
    """
    left, right = _neighbours(known)
    points = np.arange(known.shape[-1])
    gap = np.where(right > left, right - left, 1)
    share = np.where(right > left, (points - left) / gap, 0.0)
    identity = np.eye(len(points))
    result: Array = identity[left] * (1.0 - share)[..., None] + identity[right] * share[..., None]
    return result


def _walk(known: NDArray[np.bool_]) -> Array:
    """Variance of a walk of unit step at b, given the known branch points."""
    left, right = _neighbours(known)
    points = np.arange(known.shape[-1])
    gap = np.where(right > left, right - left, 1)
    inside = (points - left) * (right - points) / gap
    result: Array = np.where(right < 0, points - left, inside).astype(np.float64)
    return result


def _partner_spread(values: Array, orphans: NDArray[np.bool_]) -> Array:
    spread = np.zeros(values.shape)
    for i in range(len(values)):
        parents = np.flatnonzero(~orphans[i] & (np.arange(len(values)) != i))
        if orphans[i].any() and len(parents) > 1:
            spread[i, orphans[i]] = values[i, parents].std(axis=0, ddof=1)
    return spread
