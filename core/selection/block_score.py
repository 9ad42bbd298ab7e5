"""The score of a layout as a sum over the groups of its blocks: a group earns the mean over its pairs, and more."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import TableError
from core.layouts import Group, Layout
from core.selection.pairwise import mirrored, on_grid, weighable
from core.selection.tabled_score import TabledScore

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BlockScore:
    """A score Σ_b Σ_{A at block b} D_b(A), D_b(A) = Σ_{i<j in A} s_ij(b) / (|A| − 1) + log(|A| − 1) Σ_{i in A} e_i(b).

    So every task of a group counts with the mean over the tasks beside it in that group, and with what it gains
    beyond its pairs; a task that is alone with nothing. What groups earn is rounded to an invisibly fine grid, on
    which every sum is exact whatever its order, as ``PairwiseScore`` has it.

    Args:
        steps: s_ij(b), ``[n_tasks, n_tasks, n_blocks]``, symmetric in i and j. The diagonal is not read.
        beyond: e_i(b), ``[n_tasks, n_blocks]``; None for nothing.

    Raises:
        TableError: The shape is wrong, a value is no finite number, or it is not symmetric.

    Reference:
        Our own rule; with two tasks, that of A Tree-Structured Multi-Task Model Recommender, §3.3.

    >>> score = BlockScore.of(np.array([[[0, 0], [0, 4]], [[0, 2], [0, 0]]]), np.array([0.5, 0.5]))
    >>> score.score(Layout.all_shared(2, 1))
    3.0
    """

    steps: Array
    beyond: Array | None = None

    def __post_init__(self) -> None:
        steps = np.array(self.steps, dtype=np.float64)
        n = len(steps)
        if steps.ndim != 3 or steps.shape[1] != n or n < 2 or steps.shape[2] < 1:
            raise TableError(
                "Steps of a score should have shape [n_tasks, n_tasks, n_blocks] with two tasks or more. "
                f"Found {list(steps.shape)}."
            )
        steps = mirrored(steps, "step", "block")
        steps = on_grid(steps, float(np.abs(steps).sum()) / 2)
        steps.setflags(write=False)
        object.__setattr__(self, "steps", steps)
        beyond = np.zeros((n, steps.shape[2])) if self.beyond is None else np.array(self.beyond, dtype=np.float64)
        if beyond.shape != (n, steps.shape[2]) or not np.isfinite(beyond).all():
            raise TableError(
                f"What tasks gain beyond their pairs should be finite numbers [{n}, {steps.shape[2]}]. "
                f"Found {list(beyond.shape)}."
            )
        beyond = on_grid(beyond, float(np.abs(beyond).sum()))
        beyond.setflags(write=False)
        object.__setattr__(self, "beyond", beyond)

    @classmethod
    def of(cls, values: Array, weights: Array, *, beyond: bool = False) -> "BlockScore":
        """Return the weighted sum Σ_i w_i Δ_i of what the blockwise estimator predicts.

        s_ij(b) = w_i δ_ij(b) + w_j δ_ji(b), with δ_ij(b) = P[i, j, b + 1] − P[i, j, b] for blocks b from 0, and
        e_i(b) = w_i δ_ii(b).

        Args:
            values: Δ of task i next to task j sharing b blocks, in percent,
                ``[n_tasks, n_tasks, n_blocks + 1]``, without holes.
            weights: w_i, ``[n_tasks]``; they need not sum to one.
            beyond: Whether the diagonal holds what groups gain beyond their pairs, as ``bayes`` has it.

        Raises:
            TableError: Shapes disagree, or a value or weight is no finite number.
        """
        values, weights = weighable(values, weights)
        weighted = weights[:, None, None] * np.diff(values, axis=2)
        return cls(weighted + weighted.transpose(1, 0, 2), np.diagonal(weighted).T if beyond else None)

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.steps)

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return int(self.steps.shape[2])

    @property
    def constant(self) -> float:
        """Score of single-task networks: nothing is shared, so nothing is gained."""
        return 0.0

    @cached_property
    def span(self) -> float:
        """Greatest absolute value any layout's score could have: Σ_b Σ_i (½ max_j |s_ij(b)| + log(T − 1) |e_i(b)|)."""
        return float(np.abs(self.steps).max(axis=1).sum()) / 2 + self._most * float(np.abs(self._beyond).sum())

    @cached_property
    def ceiling(self) -> float:
        """Upper bound of every layout's score: Σ_b Σ_i ½ max(0, max_j s_ij(b)) + log(T − 1) max(0, e_i(b))."""
        off = np.where(np.eye(self.n_tasks, dtype=bool)[:, :, None], 0.0, self.steps)
        return float(off.max(axis=1).clip(min=0.0).sum()) / 2 + self._most * float(self._beyond.clip(min=0.0).sum())

    @cached_property
    def gains(self) -> Array:
        """What each group earns by sharing each block, ``[n_blocks, 2^n_tasks]``, with the group as a bit mask."""
        sums = np.zeros((self.n_blocks, 1 << self.n_tasks))
        more, sizes = np.zeros_like(sums), np.zeros(1 << self.n_tasks)
        steps = np.moveaxis(self.steps, 2, 0)
        for task in range(self.n_tasks):
            size = 1 << task
            beside = np.zeros((self.n_blocks, size))
            for other in range(task):
                half = 1 << other
                beside[:, half : 2 * half] = beside[:, :half] + steps[:, task, other, None]
            sums[:, size : 2 * size] = sums[:, :size] + beside
            more[:, size : 2 * size] = more[:, :size] + self._beyond[task, :, None]
            sizes[size : 2 * size] = sizes[:size] + 1
        return self._earned(sums, more, sizes)

    def of_group(self, block: int, group: Group) -> float:
        """Return what one group earns by sharing one block."""
        part = self.steps[np.ix_(group, group)][:, :, block]
        more = self._beyond[list(group), block].sum()
        return float(self._earned(np.array(part[np.triu_indices(len(group), 1)].sum()), more, np.array(len(group))))

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
        return float(
            sum(self.of_group(block, group) for block, groups in enumerate(layout.partitions) for group in groups)
        )

    @property
    def pairs(self) -> Array:
        """What two tasks would earn alone by sharing their first blocks, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        found: Array = np.concatenate([np.zeros((*self.steps.shape[:2], 1)), np.cumsum(self.steps, axis=2)], axis=2)
        return found

    def contracted(self, home: Array) -> TabledScore:
        """Return the score of layouts in which the tasks of each super-task share all.

        Args:
            home: Which tasks each super-task holds, 0 or 1, ``[n_super, n_tasks]``.
        """
        n_super = len(home)
        between = np.einsum("ai,ijb,cj->acb", home, self.steps, home, optimize=True)
        between[np.arange(n_super), np.arange(n_super)] /= 2
        between *= np.triu(np.ones((n_super, n_super)))[:, :, None]
        chosen = ((np.arange(1 << n_super)[:, None] >> np.arange(n_super)) & 1).astype(np.float64)
        sums = np.einsum("ma,acb,mc->bm", chosen, between, chosen, optimize=True)
        more = (chosen @ home @ self._beyond).T
        return TabledScore(self._earned(sums, more, chosen @ home.sum(axis=1)), 0.0, self.span)

    @property
    def _beyond(self) -> Array:
        assert self.beyond is not None
        return self.beyond

    @property
    def _most(self) -> float:
        return float(np.log(max(self.n_tasks - 1, 1)))

    def _earned(self, sums: Array, more: Array, sizes: Array) -> Array:
        """Return what groups earn, on the grid of this score.

        Args:
            sums: Over their pairs.
            more: What their tasks gain beyond pairs, for each logarithm of partners.
            sizes: Their tasks.
        """
        others = np.maximum(sizes - 1, 1)
        return on_grid(sums / others + more * np.log(others), self.span)
