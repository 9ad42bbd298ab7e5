"""Make a tree cheaper by moving branches: beyond the exact search, what the beam gives is a beginning."""

import numpy as np
from numpy.typing import NDArray

from core.layouts import Layout
from core.selection.beam import WIDTH, BeamSearch
from core.selection.branched_case import BranchedCase, BranchedTree, check_alpha, labels_of, mean_diameters
from core.selection.spectral import partition_of

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_SLACK = 1e-10
# Breakpoints of the path at which both neighbours are improved anew.
_ROUNDS = 8


def regrafted(case: BranchedCase, tree: BranchedTree) -> BranchedTree:
    """Give the tree that moving branches leads to; it costs no more, and where nothing is cheaper it is the same.

    Two kinds of moves take turns while the cost falls: one branch is cut off and grafted elsewhere, and the depths
    choose anew among the groupings that the tree has, each no coarser than the one before.

    Args:
        case: Distances and down-samplings.
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
        labels = np.array([_first_tasks(labels_of(row, case.n_tasks)) for row in best.layout.partitions])
        regraft(labels, distances, prices)
        found = case.tree(_layout(_assigned(labels, distances, prices)), tree.alpha)
        if found.cost >= best.cost - _SLACK * (1.0 + abs(best.cost)):
            return best
        best = found


def improved_beam(beams: BeamSearch, alpha: float, *, width: int = WIDTH) -> BranchedTree:
    """Give the cheapest tree that the paper's beam leads to once branches may move.

    Args:
        beams: The paper's search.
        alpha: Weight of the complexity, 0 or more.
        width: Of the beam.

    Raises:
        AffinityError: ``alpha`` or ``width`` is out of range.
    """
    check_alpha(alpha)
    case = beams.case
    # Branches of other trees may find places that those of the beam's tree do not.
    others = (
        Layout.all_shared(case.n_tasks, case.n_depths), Layout.all_split(case.n_tasks, case.n_depths),
        _layout(_assigned(_linked(case.distances.mean(axis=0)), case.distances, alpha * case.branch_costs)),
    )  # fmt: skip
    begun = [beams.best(alpha, width=width), *(case.tree(layout, alpha) for layout in others)]
    return min((regrafted(case, tree) for tree in begun), key=_rank)


def improved_path(beams: BeamSearch, *, width: int = WIDTH) -> tuple[tuple[float, BranchedTree], ...]:
    """Give the trees of ``BeamSearch.path`` with their branches moved, each with the α from which on it is the cheapest.

    Where one tree takes over from another, both are improved for that very α too, and what is found joins the path.
    These starts are exact only among the trees found: there may be cheaper ones.

    Args:
        beams: The paper's search.
        width: Of the beams.

    Raises:
        AffinityError: ``width`` is out of range.
    """
    case = beams.case
    found = {tree.layout for alpha in beams.alphas() for tree in [improved_beam(beams, alpha, width=width)]}
    path = beams.envelope(found)
    for _ in range(_ROUNDS):
        known = len(found)
        for (_, one), (start, other) in zip(path, path[1:], strict=False):
            found |= {regrafted(case, case.tree(tree.layout, start)).layout for tree in (one, other)}
        if len(found) == known:
            break
        path = beams.envelope(found)
    return path


def _assigned(labels: Ints, distances: Array, prices: Array) -> Ints:
    """Give every depth the one of these groupings that makes the whole tree cheapest.

    Args:
        labels: Groupings from coarse to fine, ``[n_groupings, n_tasks]``.
        distances: ``[n_depths, n_tasks, n_tasks]``.
        prices: Of one more branch at each depth, ``[n_depths]``.
    """
    ways = np.array([row for place, row in enumerate(labels) if not place or (row != labels[place - 1]).any()])
    numbered = np.array([np.unique(row, return_inverse=True)[1] for row in ways])
    extra = numbered.max(axis=1)
    # Least cost of the depths so far if the last of them has this grouping or a coarser one, and which that is.
    least, chosen = np.zeros(len(ways)), []
    for depth, price in enumerate(prices.tolist()):
        cost = least + mean_diameters(numbered, distances[depth][None]) + price * extra
        places = [0]
        for place in range(1, len(ways)):
            places.append(place if cost[place] < cost[places[-1]] - 1e-12 else places[-1])
        chosen.append(places)
        least = cost[places]
    at, rows = len(ways) - 1, []
    for places in reversed(chosen):
        at = places[at]
        rows.append(ways[at])
    return np.array(rows[::-1])


def _linked(distance: Array) -> Ints:
    """Give the groupings of complete linkage, all together first, ``[n_tasks, n_tasks]``: task names of each group."""
    far = distance + np.diag(np.full(len(distance), np.inf))
    labels = np.arange(len(distance))
    rows = [labels.copy()]
    for _ in range(len(distance) - 1):
        one, other = sorted(np.unravel_index(far.argmin(), far.shape))
        far[one] = far[:, one] = np.maximum(far[one], far[other])
        far[one, one] = far[other] = far[:, other] = np.inf
        labels[labels == other] = one
        rows.append(labels.copy())
    return np.array(rows[::-1])


def _layout(labels: Ints) -> Layout:
    return Layout(tuple(partition_of(row) for row in labels))


def _first_tasks(labels: list[int]) -> list[int]:
    """Give the smallest task of each task's group."""
    first: dict[int, int] = {}
    return [first.setdefault(label, task) for task, label in enumerate(labels)]


def _rank(tree: BranchedTree) -> tuple[float, int, object]:
    return round(tree.cost, 10), tree.layout.n_groups, tree.layout.partitions
