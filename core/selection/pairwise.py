"""The score of a layout as a sum over pairs of tasks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import TableError
from core.layouts import Layout

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairwiseScore:
    """A score Σ_{i<j} s_ij(b_ij), where b_ij is the number of leading blocks that i and j share.

    The values are rounded to an invisibly fine grid (2⁻⁵¹ of the greatest possible
    score), on which every sum is exact whatever its order. So each way of computing a score gives
    the same float, and ties are ties.

    Args:
        pairs: s_ij(b), ``[n_tasks, n_tasks, n_blocks + 1]``, symmetric in i and j. The diagonal
            is not read.

    Raises:
        TableError: The shape is wrong, a value is no finite number, or it is not symmetric.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.3 and §4.

    >>> score = PairwiseScore.of(np.array([[[0, 0], [0, 4]], [[0, 2], [0, 0]]]), np.array([0.5, 0.5]))
    >>> score.score(Layout.all_shared(2, 1))
    3.0
    """

    pairs: Array

    def __post_init__(self) -> None:
        pairs = np.array(self.pairs, dtype=np.float64)
        n = len(pairs)
        if pairs.ndim != 3 or pairs.shape[1] != n or n < 2 or pairs.shape[2] < 2:
            raise TableError(
                "Pair scores should have shape [n_tasks, n_tasks, n_blocks + 1] with two tasks and one block or more. "
                f"Found {list(pairs.shape)}."
            )
        pairs = mirrored(pairs, "score", "branch point")
        upper = np.triu(np.ones((n, n)), 1) * np.abs(pairs).max(axis=2)
        pairs = on_grid(pairs, float(upper.sum()))
        pairs.setflags(write=False)
        object.__setattr__(self, "pairs", pairs)

    @classmethod
    def of(cls, values: Array, weights: Array) -> "PairwiseScore":
        """Return the weighted sum Σ_i w_i Δ_i, with Δ_i the mean over j of ``values[i, j, b_ij]``.

        s_ij(b) = (w_i P[i, j, b] + w_j P[j, i, b]) / (T − 1).

        Args:
            values: Δ of task i next to task j sharing b blocks, in percent,
                ``[n_tasks, n_tasks, n_blocks + 1]``, without holes.
            weights: w_i, ``[n_tasks]``; they need not sum to one.

        Raises:
            TableError: Shapes disagree, or a value or weight is no finite number.
        """
        values, weights = weighable(values, weights)
        weighted = weights[:, None, None] * values / (len(weights) - 1)
        return cls(weighted + weighted.transpose(1, 0, 2))

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.pairs)

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return int(self.pairs.shape[2]) - 1

    @cached_property
    def constant(self) -> float:
        """Score of single-task networks: Σ_{i<j} s_ij(0)."""
        return float(self._upper[..., 0].sum())

    @cached_property
    def span(self) -> float:
        """Greatest absolute value any layout's score could have: Σ_{i<j} max_b |s_ij(b)|."""
        return float(np.abs(self._upper).max(axis=2).sum())

    @cached_property
    def ceiling(self) -> float:
        """Upper bound of every layout's score: Σ_{i<j} max_b s_ij(b)."""
        i, j = np.triu_indices(self.n_tasks, 1)
        return float(self.pairs[i, j].max(axis=1).sum())

    @cached_property
    def gains(self) -> Array:
        """What each group earns by sharing each block, ``[n_blocks, 2^n_tasks]``.

        D_b(A) = Σ_{pairs in A} (s_ij(b + 1) − s_ij(b)), with A as a bit mask and b from 0.
        """
        steps = np.moveaxis(np.diff(self.pairs, axis=2), 2, 0)
        gains = np.zeros((self.n_blocks, 1 << self.n_tasks))
        for task in range(self.n_tasks):
            size = 1 << task
            beside = np.zeros((self.n_blocks, size))
            for other in range(task):
                half = 1 << other
                beside[:, half : 2 * half] = beside[:, :half] + steps[:, task, other, None]
            gains[:, size : 2 * size] = gains[:, :size] + beside
        return gains

    def score(self, layout: Layout) -> float:
        """Return the score of ``layout``.

        Raises:
            TableError: It has another number of tasks or blocks.
        """
        if (layout.n_tasks, layout.n_blocks) != (self.n_tasks, self.n_blocks):
            raise TableError(
                f"The layout has {layout.n_tasks} tasks on {layout.n_blocks} blocks, the scores are for "
                f"{self.n_tasks} on {self.n_blocks}. Use the same tasks and blocks."
            )
        i, j = np.triu_indices(self.n_tasks, 1)
        return float(self.pairs[i, j, layout.branch_points()[i, j]].sum())

    def restricted(self, tasks: list[int]) -> "PairwiseScore":
        """Return the part of the score that lies between some of the tasks."""
        return PairwiseScore(self.pairs[np.ix_(tasks, tasks)])

    def contracted(self, home: Array) -> "PairwiseScore":
        """Return the score of layouts in which the tasks of each super-task share all, less what these earn inside.

        Args:
            home: Which tasks each super-task holds, 0 or 1, ``[n_super, n_tasks]``.
        """
        return PairwiseScore(np.einsum("ai,ijb,cj->acb", home, self.pairs, home, optimize=True))

    @cached_property
    def _upper(self) -> Array:
        return np.triu(np.ones((self.n_tasks, self.n_tasks)), 1)[:, :, None] * self.pairs


def weighable(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the values of a table and the weights of its tasks as float64.

    Args:
        values: ``[n_tasks, n_tasks, n_blocks + 1]``.
        weights: ``[n_tasks]``.

    Raises:
        TableError: Shapes disagree, or a weight is no finite number.
    """
    values, weights = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if values.ndim != 3 or weights.shape != values.shape[:1] or len(weights) < 2:
        raise TableError(
            f"Weights have shape {list(weights.shape)}, values {list(values.shape)}. "
            "Give one weight per task and values [n_tasks, n_tasks, n_blocks + 1]."
        )
    if not np.isfinite(weights).all():
        raise TableError(f"Weights should be finite. Found {weights.tolist()}.")
    return values, weights


def mirrored(given: Array, what: str, place: str) -> Array:
    """Return numbers of pairs that are exactly those of (i, j) and of (j, i), 0 on the diagonal.

    Args:
        given: ``[n_tasks, n_tasks, n]``; nearly symmetric.
        what: What a number is, for messages.
        place: What the last axis counts.

    Raises:
        TableError: A value is no finite number, or it is not symmetric.
    """
    n = len(given)
    found = np.where(np.eye(n, dtype=bool)[:, :, None], 0.0, given)
    if not np.isfinite(found).all():
        i, j, b = (int(x) for x in np.argwhere(~np.isfinite(found))[0])
        raise TableError(
            f"The {what} of tasks {i} and {j} at {place} {b} is {found[i, j, b]}. Fill the holes of the table first."
        )
    if not np.allclose(found, found.transpose(1, 0, 2), rtol=1e-9, atol=1e-12):
        raise TableError(f"The {what} of tasks i and j should be that of j and i. Add the two halves first.")
    upper = np.triu(np.ones((n, n)), 1)[:, :, None] * found
    both: Array = upper + upper.transpose(1, 0, 2)
    return both


def on_grid(values: Array, greatest: float) -> Array:
    """Return ``values`` rounded so that sums up to twice ``greatest`` are exact in any order."""
    if greatest == 0.0:
        return values
    step = 2.0 ** (np.ceil(np.log2(greatest)) - 51)
    rounded: Array = np.round(values / step) * step
    return rounded
