"""What a branched network costs, as values: distances at every depth, downsampling steps after it, trees.

A tree costs, summed over depths, the mean over its clusters of the largest distance inside, and
α·(branches − 1)·2^p, where p counts the downsampling steps that come after that depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import check_tensor
from core.errors import AffinityError
from core.layouts import Layout, Partition

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Sums over all depths keep far enough from what numbers can hold, and no tree of such distances needs a larger weight.
MOST_DISTANCE = 1e9
MOST_ALPHA = 1e12


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
    """Distances and downsampling steps of one network, checked once.

    Args:
        distances: ``[n_depths, n_tasks, n_tasks]``, symmetric, 0 on the diagonal, none below 0.
        downsamplings: Downsampling steps deeper than each depth, ``p``.

    Raises:
        AffinityError: Their numbers disagree, or a distance is below 0, too large, or not 0 from a task to itself.

    Reference:
        Branched Multi-Task Networks, §3.3, Eqs. 1 and 2.
    """

    distances: Array = field(repr=False)
    downsamplings: tuple[float, ...]

    def __post_init__(self) -> None:
        check_tensor(self.distances, "A distance tensor")
        if len(self.downsamplings) != self.n_depths:
            raise AffinityError(
                f"The tensor has {self.n_depths} depths, but {len(self.downsamplings)} numbers of downsampling steps "
                "were given. Give one for each depth, from the input."
            )
        if any(not 0 <= p <= 32 for p in self.downsamplings):
            raise AffinityError("A number of downsampling steps is not between 0 and 32. Count those after each depth.")
        if (self.distances < 0).any():
            depth, i, j = np.argwhere(self.distances < 0)[0].tolist()
            raise AffinityError(
                f"The distance of tasks {i} and {j} at depth {depth} is below 0. Bring it to 0 or more."
            )
        if (own := np.argwhere(np.diagonal(self.distances, axis1=1, axis2=2) != 0)).size:
            depth, task = own[0].tolist()
            raise AffinityError(
                f"The distance of task {task} to itself at depth {depth} is {self.distances[depth, task, task]:g}. "
                "Write 0, or say that these are affinities."
            )
        if (self.distances > MOST_DISTANCE).any():
            depth, i, j = np.argwhere(self.distances > MOST_DISTANCE)[0].tolist()
            raise AffinityError(
                f"The distance of tasks {i} and {j} at depth {depth} is {self.distances[depth, i, j]:g}, above "
                f"{MOST_DISTANCE:g}. Use a larger unit."
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
        """Return a layout with what it costs.

        Raises:
            AffinityError: It has other numbers of tasks or blocks.
        """
        if (layout.n_tasks, layout.n_blocks) != (self.n_tasks, self.n_depths):
            raise AffinityError(
                f"The layout has {layout.n_tasks} tasks and {layout.n_blocks} blocks, the tensor {self.n_tasks} and "
                f"{self.n_depths}. They should be the same."
            )
        clustering, complexity = self.terms(layout)
        return BranchedTree(layout, float(clustering.sum()), float(complexity.sum()), alpha)

    def terms(self, layout: Layout) -> tuple[Array, Array]:
        """Return both terms of a layout's cost depth by depth: clustering, and complexity before it is times α.

        Returns:
            Two arrays ``[n_depths]``.
        """
        labels = np.array([labels_of(partition, self.n_tasks) for partition in layout.partitions])
        branches = np.array(layout.group_counts, dtype=np.float64)
        return mean_diameters(labels, self.distances), (branches - 1) * self.branch_costs


def labels_of(partition: Partition, n_items: int) -> list[int]:
    """Return the place of each item's group, ``[n_items]``."""
    found = [0] * n_items
    for place, group in enumerate(partition):
        for item in group:
            found[item] = place
    return found


def mean_diameters(labels: Ints, distances: Array) -> Array:
    """Return the mean over groups of the largest distance inside.

    Args:
        labels: Group of each item, ``[n_partitions, n_items]``; from 0, none left out.
        distances: ``[n_partitions or 1, n_items, n_items]``, on the diagonal what an item has inside itself.

    Returns:
        ``[n_partitions]``.
    """
    together = labels[:, :, None] == labels[:, None]
    farthest = np.where(together, distances, 0.0).max(axis=2)
    diameters = np.zeros(labels.shape)
    np.maximum.at(diameters, (np.arange(len(labels))[:, None], labels), farthest)
    result: Array = diameters.sum(axis=1) / (labels.max(axis=1) + 1)
    return result


def check_remaining(downsamplings: Sequence[float]) -> None:
    """Check that downsampling steps given by hand, of which fewer remain the deeper a network is, do not rise.

    Those of a backbone may: they are ratios of resolutions, and maps may grow between two blocks.

    Args:
        downsamplings: Remaining steps after each depth, from the input.

    Raises:
        AffinityError: More remain after a depth than after the one before it.
    """
    for depth, (before, after) in enumerate(pairwise(downsamplings)):
        if after > before:
            raise AffinityError(
                f"The downsampling steps that remain are {before:.12g} after depth {depth} and {after:.12g} after "
                f"depth {depth + 1}: they can't become more. Give those that follow each depth, as in 2,1,0."
            )


def check_alpha(alpha: float) -> None:
    """Check that a weight of the complexity is a number from 0 to 1e12, else raise AffinityError."""
    if not 0 <= alpha <= MOST_ALPHA:
        raise AffinityError(
            f"α is {alpha:g}. Give a number from 0 to {MOST_ALPHA:g}; the larger it is, the fewer branches."
        )
