"""Make a tree cheaper by moving branches: beyond the exact search, this improves the result of the beam."""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.layouts import Layout, Partition
from core.selection.beam import WIDTH, BeamSearch
from core.selection.branched import MAX_EXACT_TASKS, best_tree
from core.selection.branched_case import BranchedCase, BranchedTree, labels_of, mean_diameters
from core.selection.spectral import partition_of

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_SLACK = 1e-10
# A tree that makes the path cheaper by less than this share is not worth another step.
_WORTH = 0.02
# Beams of the path; between them it asks where one tree takes over from another.
_N_ALPHAS = 5


@dataclass(frozen=True, eq=False)
class ImprovedBeam:
    """The beam search of Branched MTL, and branches moved afterwards.

    Args:
        beams: The beam search of Branched MTL.
    """

    beams: BeamSearch

    def best(self, alpha: float, *, width: int = WIDTH) -> BranchedTree:
        """Return the cheapest tree that the beam leads to once branches may move; it costs no more than the beam's.

        Branches of other trees may find places that those of the beam's tree do not. So all shared, all split, and
        the cheapest tree of the groupings of complete linkage are improved too.

        Args:
            alpha: Weight of the complexity, 0 or more.
            width: Of the beam.

        Raises:
            AffinityError: ``alpha`` or ``width`` is out of range.
        """
        case, (ways, clustering) = self.beams.case, self._linked
        begun = [self.beams.best(alpha, width=width)]
        linked = _layout(ways[_assigned(ways, clustering, alpha * case.branch_costs)])
        begun += [case.tree(layout, alpha) for layout in (linked, *self._ends)]
        return min(
            (regrafted(case, tree) for tree in begun),
            key=lambda tree: (round(tree.cost, 10), tree.layout.n_groups, tree.layout.partitions),
        )

    def path(self, *, width: int = WIDTH) -> tuple[tuple[float, BranchedTree], ...]:
        """Return improved trees of several α, each with the α from which on it is the cheapest of them.

        Where one takes over from another, both are improved for that very α too; what is cheaper by 2 % joins the
        path. These starts are exact only among the trees found: there may be cheaper ones.

        Args:
            width: Of the beams.

        Raises:
            AffinityError: ``width`` is out of range.
        """
        beams, case = self.beams, self.beams.case
        path = beams.envelope({self.best(alpha, width=width).layout for alpha in beams.alphas(_N_ALPHAS)})
        tried = {0.0}
        while True:
            better = set()
            for (_, one), (start, other) in itertools.pairwise(path):
                if start not in tried:
                    tried.add(start)
                    ways = (regrafted(case, case.tree(tree.layout, start)) for tree in (one, other))
                    better |= {tree.layout for tree in ways if tree.cost < other.cost * (1.0 - _WORTH)}
            if not better:
                return path
            path = beams.envelope({*better, *(tree.layout for _, tree in path)})

    @cached_property
    def _ends(self) -> tuple[Layout, Layout]:
        size = self.beams.case.n_tasks, self.beams.case.n_depths
        return Layout.all_shared(*size), Layout.all_split(*size)

    @cached_property
    def _linked(self) -> tuple[Ints, Array]:
        """The groupings of complete linkage of the mean distance, all together first, and what each costs where."""
        distances = self.beams.case.distances
        far = distances.mean(axis=0)
        np.fill_diagonal(far, np.inf)
        labels = np.arange(len(far))
        rows = [labels.copy()]
        for _ in range(len(far) - 1):
            one, other = sorted(np.unravel_index(far.argmin(), far.shape))
            far[one] = far[:, one] = np.maximum(far[one], far[other])
            far[one, one] = far[other] = far[:, other] = np.inf
            labels[labels == other] = one
            rows.append(labels.copy())
        ways = np.array(rows[::-1])
        return ways, _clustering(ways, distances)


def regrafted(case: BranchedCase, tree: BranchedTree) -> BranchedTree:
    """Return the tree that moving branches leads to; it costs no more, and where nothing is cheaper it is the same.

    Two kinds of moves take turns while the cost falls: one branch, or one task, is cut off and grafted elsewhere, and
    the depths choose anew among the groupings that the tree has, each no coarser than the one before.

    Args:
        case: Distances and downsampling steps.
        tree: Where to begin, with its α.

    Raises:
        AffinityError: The tree has other numbers of tasks or blocks than the case.

    Reference:
        Subtree pruning and regrafting, as in the search of phylogenies: Felsenstein, Inferring Phylogenies, ch. 4.
    """
    from core.selection.regrafting_kernels import regraft

    prices = tree.alpha * case.branch_costs
    best, distances = case.tree(tree.layout, tree.alpha), np.ascontiguousarray(case.distances)
    while True:
        begun = _first_tasks(best.layout)
        labels = begun.copy()
        regraft(labels, distances, prices)
        ways = np.unique(labels, axis=0)
        # The finer a grouping, the more of its labels are larger.
        ways = ways[np.argsort([len(np.unique(row)) for row in ways], kind="stable")]
        labels = ways[_assigned(ways, _clustering(ways, distances), prices)]
        if (labels == begun).all():
            return best
        found = case.tree(_layout(labels), tree.alpha)
        if found.cost >= best.cost - _SLACK * (1.0 + abs(best.cost)):
            return best
        best = found


def _clustering(ways: Ints, distances: Array) -> Array:
    """Return the clustering cost of every grouping at every depth, ``[n_depths, n_groupings]``."""
    numbered = np.array([np.unique(row, return_inverse=True)[1] for row in ways])
    every = np.tile(numbered, (len(distances), 1))
    return mean_diameters(every, np.repeat(distances, len(ways), axis=0)).reshape(len(distances), len(ways))


def _assigned(ways: Ints, clustering: Array, prices: Array) -> list[int]:
    """Return for every depth the one of these groupings that makes the whole tree cheapest.

    Args:
        ways: From coarse to fine, ``[n_groupings, n_tasks]``.
        clustering: As ``_clustering`` returns it.
        prices: Of one more branch at each depth, ``[n_depths]``.

    Returns:
        Places in ``ways``, none smaller than the one before.
    """
    extra = np.array([len(np.unique(row)) - 1 for row in ways])
    # Least cost of the depths so far if the last of them has this grouping or a coarser one, and which that is.
    least, chosen = np.zeros(len(ways)), []
    for own, price in zip(clustering, prices.tolist(), strict=True):
        cost = (least + own + price * extra).tolist()
        places = [0]
        for place in range(1, len(ways)):
            places.append(place if cost[place] < cost[places[-1]] - 1e-12 else places[-1])
        chosen.append(places)
        least = np.array([cost[place] for place in places])
    at, found = len(ways) - 1, []
    for places in reversed(chosen):
        at = places[at]
        found.append(at)
    return found[::-1]


def _first_tasks(layout: Layout) -> Ints:
    """Return the smallest task of each task's group, ``[n_depths, n_tasks]``."""
    rows = []
    for partition in layout.partitions:
        firsts = [group[0] for group in partition]
        rows.append([firsts[place] for place in labels_of(partition, layout.n_tasks)])
    return np.array(rows)


def _layout(labels: Ints) -> Layout:
    # Many depths have the grouping of the depth before.
    rows: list[Partition] = []
    for depth, row in enumerate(labels):
        rows.append(rows[-1] if depth and (row == labels[depth - 1]).all() else partition_of(row))
    return Layout(tuple(rows))


def cheapest_tree(case: BranchedCase, alpha: float, *, width: int = WIDTH) -> tuple[BranchedTree, bool]:
    """Return the cheapest tree that is found, and whether it is proved: exact up to ``MAX_EXACT_TASKS`` tasks.

    Args:
        case: Distances and what branches cost.
        alpha: Weight of the complexity.
        width: Of the beam that is improved beyond.
    """
    if case.n_tasks <= MAX_EXACT_TASKS:
        return best_tree(case, alpha), True
    return ImprovedBeam(BeamSearch(case)).best(alpha, width=width), False
