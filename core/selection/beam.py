"""The paper's search for a branched network: from the deepest depth to the first, the n cheapest so far."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError
from core.layouts import Layout
from core.layouts.layout import Group, Partition, canonical_partition
from core.layouts.partitions import all_partitions
from core.selection.branched import BranchedCase, BranchedTree, check_alpha

Array = NDArray[np.float64]

WIDTH = 3
# Up to so many groups every way of joining them is tried: Bell(8) is 4,140.
MAX_ALL_GROUPS = 8


@dataclass(frozen=True, slots=True)
class _Partial:
    cost: float
    branches: int
    rows: tuple[Partition, ...]  # from the depth reached to the deepest

    @property
    def rank(self) -> tuple[float, int, tuple[Partition, ...]]:
        # Equal sums may differ in the last digit.
        return (round(self.cost, 10), self.branches, self.rows)


def beam_tree(case: BranchedCase, alpha: float, *, width: int = WIDTH) -> BranchedTree:
    """Give the cheapest tree that beams of width 1 to ``width`` find.

    At each depth the groups of the depth below are joined: in every way where there are at most 8
    of them, else as spectral clustering into 1, 2, … groups proposes, and not at all. The cheapest
    so far are kept. A wider beam is not always better, so the best of all widths is reported.

    Args:
        case: Distances and down-samplings.
        alpha: Weight of the complexity, 0 or more.
        width: Most groupings kept at each depth.

    Raises:
        AffinityError: ``alpha`` or ``width`` is out of range.

    Reference:
        Branched Multi-Task Networks, §3.3 and §4.5.
    """
    check_alpha(alpha)
    if not 1 <= width <= 1000:
        raise AffinityError(f"A beam of width {width} is none. Use 1 to 1000; the paper uses 3.")
    trees = [_one_beam(case, alpha, n) for n in range(1, width + 1)]
    return min(trees, key=lambda tree: (round(tree.cost, 10), tree.layout.n_groups, tree.layout.partitions))


def _one_beam(case: BranchedCase, alpha: float, width: int) -> BranchedTree:
    alone: Partition = tuple((task,) for task in range(case.n_tasks))
    kept = [_Partial(0.0, 0, ())]
    for depth in reversed(range(case.n_depths)):
        grown: dict[tuple[Partition, ...], _Partial] = {}
        for partial in kept:
            for partition in _coarsenings(partial.rows[0] if partial.rows else alone, case.distances[depth]):
                rows = (partition, *partial.rows)
                own = _cost(case, depth, partition, alpha)
                grown[rows] = _Partial(partial.cost + own, partial.branches + len(partition), rows)
        kept = sorted(grown.values(), key=lambda partial: partial.rank)[:width]
    return case.tree(Layout(kept[0].rows), alpha)


def _cost(case: BranchedCase, depth: int, partition: Partition, alpha: float) -> float:
    inside = [case.distances[depth][np.ix_(group, group)].max() for group in partition]
    return float(np.mean(inside) + alpha * (len(partition) - 1) * case.branch_costs[depth])


def _coarsenings(partition: Partition, distance: Array) -> Iterator[Partition]:
    """Give ways of joining the groups of a partition, itself included, each once."""
    if len(partition) <= MAX_ALL_GROUPS:
        found = all_partitions(len(partition))
        for index in range(len(found)):
            yield _joined(partition, found.groups(index))
        return
    seen = {partition}
    yield partition
    similarity = 1.0 - _between_groups(partition, distance)
    for n_groups in range(1, len(partition)):
        candidate = _joined(partition, _spectral(similarity, n_groups))
        if candidate not in seen:
            seen.add(candidate)
            yield candidate


def _joined(partition: Partition, groups: Partition) -> Partition:
    return canonical_partition([task for part in group for task in partition[part]] for group in groups)


def _between_groups(partition: Partition, distance: Array) -> Array:
    """Give the mean distance between members of any two groups; the groups are super-tasks."""
    return np.array([[distance[np.ix_(one, other)].mean() for other in partition] for one in partition])


def _spectral(similarity: Array, n_groups: int) -> Partition:
    if n_groups == 1:
        return (tuple(range(len(similarity))),)
    # Two seconds of imports, needed only beyond eight groups.
    from sklearn.cluster import SpectralClustering

    np.fill_diagonal(similarity, 1.0)
    clustering = SpectralClustering(n_groups, affinity="precomputed", random_state=0, assign_labels="kmeans")
    labels = clustering.fit_predict(np.clip(similarity, 1e-6, 1.0))
    groups: list[Group] = [
        tuple(np.flatnonzero(labels == label).tolist()) for label in range(n_groups) if (labels == label).any()
    ]
    return canonical_partition(groups)
