"""Branched networks from distances: what a tree costs, and the cheapest tree, exactly.

A tree costs, summed over depths, the mean over its clusters of the largest distance inside, and
α·(branches − 1)·2^p, where p counts the down-samplings that come after that depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import check_tensor
from core.errors import AffinityError
from core.layouts import Layout
from core.layouts.partitions import MAX_PARTITION_TASKS, Partitions, all_partitions

Array = NDArray[np.float64]

# Millions of merges at twelve tasks take gigabytes; the beam takes over there.
MAX_EXACT_TASKS = 11


@dataclass(frozen=True, slots=True)
class BranchedTree:
    """A tree with what it costs.

    Args:
        layout: One block for each depth.
        clustering: Σ over depths of the mean largest distance inside a cluster.
        complexity: Σ over depths of (branches − 1)·2^p, not yet times α.
        alpha: Weight of the complexity.
    """

    layout: Layout
    clustering: float
    complexity: float
    alpha: float

    @property
    def cost(self) -> float:
        """Clustering plus α times complexity."""
        return self.clustering + self.alpha * self.complexity


@dataclass(frozen=True, slots=True, eq=False)
class BranchedCase:
    """Distances and down-samplings of one network, checked once.

    Args:
        distances: ``[n_depths, n_tasks, n_tasks]``, symmetric, 0 on the diagonal, none below 0.
        downsamplings: Down-samplings deeper than each depth, ``p``.

    Raises:
        AffinityError: Their numbers disagree, or a distance is below 0.

    Reference:
        Branched Multi-Task Networks, §3.3, Eqs. 1 and 2.
    """

    distances: Array = field(repr=False)
    downsamplings: tuple[float, ...]

    def __post_init__(self) -> None:
        check_tensor(self.distances, "A distance tensor")
        if len(self.downsamplings) != self.n_depths:
            raise AffinityError(
                f"The tensor has {self.n_depths} depths, but {len(self.downsamplings)} numbers of down-samplings were "
                "given. Give one for each depth, from the input."
            )
        if any(not 0 <= p <= 32 for p in self.downsamplings):
            raise AffinityError("A number of down-samplings is not between 0 and 32. Count those after each depth.")
        if (self.distances < 0).any():
            depth, i, j = np.argwhere(self.distances < 0)[0].tolist()
            raise AffinityError(
                f"The distance of tasks {i} and {j} at depth {depth} is below 0. Bring it to 0 or more."
            )

    @property
    def n_depths(self) -> int:
        """Number of depths."""
        return len(self.distances)

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return int(self.distances.shape[1])

    @property
    def branch_costs(self) -> Array:
        """What one more branch adds to the complexity at each depth, 2^p, ``[n_depths]``."""
        result: Array = np.power(2.0, np.array(self.downsamplings))
        return result

    def tree(self, layout: Layout, alpha: float) -> BranchedTree:
        """Give a layout with what it costs.

        Raises:
            AffinityError: It has other numbers of tasks or blocks.
        """
        if (layout.n_tasks, layout.n_blocks) != (self.n_tasks, self.n_depths):
            raise AffinityError(
                f"The layout has {layout.n_tasks} tasks and {layout.n_blocks} blocks, the tensor {self.n_tasks} and "
                f"{self.n_depths}. They should be the same."
            )
        clustering = sum(
            float(np.mean([self.distances[depth][np.ix_(group, group)].max() for group in partition]))
            for depth, partition in enumerate(layout.partitions)
        )
        branches = np.array(layout.group_counts, dtype=np.float64)
        return BranchedTree(layout, clustering, float(((branches - 1) * self.branch_costs).sum()), alpha)


def best_tree(case: BranchedCase, alpha: float) -> BranchedTree:
    """Give the cheapest tree, exactly.

    From the deepest depth to the first, every partition learns the cheapest way on among its
    refinements; these are found along single merges, not over all pairs of partitions.
    Ties: fewer branches, then canonical order.

    Args:
        case: Distances and down-samplings; at most 11 tasks.
        alpha: Weight of the complexity, 0 or more.

    Raises:
        AffinityError: There are more tasks, or ``alpha`` is below 0 or no number.

    Reference:
        Branched Multi-Task Networks, §3.3; the exact search is ours.

    >>> near = np.array([[[0.0, 0.1, 0.9], [0.1, 0.0, 0.9], [0.9, 0.9, 0.0]]])
    >>> best_tree(BranchedCase(near, (0,)), 0.2).layout.to_text()
    '0,1;2'
    """
    check_alpha(alpha)
    if case.n_tasks > MAX_EXACT_TASKS:
        raise AffinityError(
            f"The exact tree of {case.n_tasks} tasks is out of reach; at most {MAX_EXACT_TASKS} are searched. "
            "Use the beam."
        )
    return _best(case, alpha, _clustering(case))


def _best(case: BranchedCase, alpha: float, clustering: Array) -> BranchedTree:
    from core.selection.branched_kernels import spread

    lattice = _lattice(case.n_tasks)
    partitions = lattice.partitions
    branches = partitions.n_groups.astype(np.int64)
    own = clustering + alpha * case.branch_costs[:, None] * (branches - 1)
    limits = _limits(own)
    cost, groups = np.zeros(len(partitions)), np.zeros(len(partitions), dtype=np.int64)
    choices = []
    for depth in reversed(range(case.n_depths)):
        cost, groups = cost + own[depth], groups + branches
        best = np.empty(len(partitions), dtype=np.int32)
        spread(lattice.order, lattice.starts, lattice.places, limits[depth], cost, groups, best)
        choices.append(best)
    # The whole set of tasks is the partition all others refine: its best is the best of all.
    at, rows = 0, []
    for best in reversed(choices):
        at = int(best[at])
        rows.append(partitions.groups(at))
    return case.tree(Layout(tuple(rows)), alpha)


def _limits(own: Array) -> Array:
    """Give what the depths from each one on may cost together in the cheapest tree, ``[n_depths]``.

    No more than the cheapest tree that shares all up to some depth and keeps one partition from
    there, less what the depths before cost at least.

    Args:
        own: Cost of every partition at every depth, ``[n_depths, n_partitions]``.
    """
    shared = np.concatenate([[0.0], np.cumsum(own[:, 0])])
    after = np.cumsum(own[::-1], axis=0)[::-1].min(axis=1)
    known = min(float((shared[:-1] + after).min()), float(shared[-1]))
    before = np.concatenate([[0.0], np.cumsum(own.min(axis=1))[:-1]])
    result: Array = known - before + 1e-9 * (1.0 + abs(known))
    return result


def _clustering(case: BranchedCase) -> Array:
    """Give the clustering cost of every partition at every depth, ``[n_depths, n_partitions]``."""
    from core.selection.branched_kernels import clustering_costs, group_diameters

    partitions = all_partitions(case.n_tasks)
    return np.stack(
        [
            clustering_costs(partitions.ids, partitions.n_groups, group_diameters(np.ascontiguousarray(depth)))
            for depth in case.distances
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lattice:
    partitions: Partitions
    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    places: NDArray[np.int32]


@cache
def _lattice(n_tasks: int) -> _Lattice:
    from core.selection.branched_kernels import merges

    partitions = all_partitions(n_tasks)
    branches = partitions.n_groups.astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(branches * (branches - 1) // 2)])
    places = np.empty(int(starts[-1]), dtype=np.int32)
    merges(partitions.ids, partitions.n_groups, _extensions(n_tasks), starts, places)
    return _Lattice(partitions, np.argsort(-branches, kind="stable"), starts, places)


def _extensions(n_tasks: int) -> NDArray[np.int64]:
    found = np.ones((n_tasks, MAX_PARTITION_TASKS + 2), dtype=np.int64)
    for left in range(1, n_tasks):
        for groups in range(1, MAX_PARTITION_TASKS + 1):
            found[left, groups] = groups * found[left - 1, groups] + found[left - 1, groups + 1]
    return found


def check_alpha(alpha: float) -> None:
    """Raise AffinityError unless a weight of the complexity is a number from 0."""
    if not (np.isfinite(alpha) and alpha >= 0):
        raise AffinityError(f"α is {alpha:g}. Give a number from 0; the larger it is, the fewer branches.")


def alpha_path(case: BranchedCase) -> tuple[tuple[float, BranchedTree], ...]:
    """Give every tree that is cheapest for some α, with the α from which on it is, from 0 upwards.

    Clustering falls and complexity rises along the path, so each tree is cheapest on one interval;
    between two known trees the search asks at the α where they cost the same.

    Args:
        case: At most 11 tasks.

    Raises:
        AffinityError: There are more tasks.
    """
    if case.n_tasks > MAX_EXACT_TASKS:
        raise AffinityError(
            f"The path of {case.n_tasks} tasks is out of reach; at most {MAX_EXACT_TASKS} are searched."
        )
    clustering = _clustering(case)
    split, shared = _best(case, 0.0, clustering), case.tree(Layout.all_shared(case.n_tasks, case.n_depths), 0.0)
    found = _between(case, clustering, split, shared)
    return tuple((start, case.tree(tree.layout, start)) for start, tree in [(0.0, split), *found])


def _between(
    case: BranchedCase, clustering: Array, left: BranchedTree, right: BranchedTree
) -> Sequence[tuple[float, BranchedTree]]:
    """Give (α, tree) of the trees after ``left`` up to ``right``, where ``left`` is cheapest for smaller α."""
    saved = left.complexity - right.complexity
    if saved <= 0:
        return []
    alpha = max((right.clustering - left.clustering) / saved, 0.0)
    middle = _best(case, alpha, clustering)
    least = min(left.clustering + alpha * left.complexity, right.clustering + alpha * right.complexity)
    if middle.clustering + alpha * middle.complexity >= least - 1e-12 * (1.0 + abs(least)):
        return [(alpha, right)]
    return [*_between(case, clustering, left, middle), *_between(case, clustering, middle, right)]
