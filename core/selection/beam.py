"""The search of Branched MTL for a branched network: from the deepest depth to the first, the n cheapest so far."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError
from core.layouts import Layout, Partition
from core.layouts.layout import canonical_partition
from core.layouts.partitions import all_partitions
from core.selection.branched_case import BranchedCase, BranchedTree, check_alpha, labels_of, mean_diameters
from core.selection.spectral import spectral_partitions

Array = NDArray[np.float64]

WIDTH = 3
MOST_WIDTH = 1000
# Up to so many groups every way of joining them is tried: Bell(8) is 4,140.
MAX_ALL_GROUPS = 8
# Beams of the path beyond the exact search; the smallest α is so many times below the largest that matters.
N_ALPHAS = 14
_ALPHA_SPAN = 3e3
_DIGITS = 10  # equal sums may differ in the last digit


@dataclass(frozen=True, slots=True)
class _Partial:
    cost: float
    branches: int
    rows: tuple[Partition, ...]  # from the depth reached to the deepest

    @property
    def rank(self) -> tuple[float, int, tuple[Partition, ...]]:
        return (round(self.cost, _DIGITS), self.branches, self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class BeamSearch:
    """Beams for one case; ways of joining groups are the same for every weight of the complexity and are kept.

    Args:
        case: Distances and downsampling steps.
    """

    case: BranchedCase
    _kept: dict[tuple[int, Partition], "_Coarsenings"] = field(default_factory=dict, init=False, repr=False)

    def best(self, alpha: float, *, width: int = WIDTH) -> BranchedTree:
        """Return the cheapest tree that beams of width 1 to ``width`` find, as ``beam_tree`` does.

        Raises:
            AffinityError: ``alpha`` or ``width`` is out of range.
        """
        check_alpha(alpha)
        if not 1 <= width <= MOST_WIDTH:
            raise AffinityError(f"A beam of width {width} is not possible. Use 1 to {MOST_WIDTH}; Branched MTL uses 3.")
        trees = [self._one(alpha, n) for n in range(1, width + 1)]
        return min(trees, key=lambda tree: (round(tree.cost, _DIGITS), tree.layout.n_groups, tree.layout.partitions))

    def path(self, *, width: int = WIDTH, n_alphas: int = N_ALPHAS) -> tuple[tuple[float, BranchedTree], ...]:
        """Return the trees that beams find at several α, each with the α from which on it is the cheapest of them.

        Unlike those of ``alpha_path``, these starts are exact only among the trees found: there may be cheaper ones.

        Args:
            width: Of the beams.
            n_alphas: At how many α a beam is sent.

        Raises:
            AffinityError: ``width`` is out of range.
        """
        return self.envelope({self.best(alpha, width=width).layout for alpha in self.alphas(n_alphas)})

    def alphas(self, n: int = N_ALPHAS) -> list[float]:
        """Return the α at which the path starts beam searches: from where branches are nearly free up to the last."""
        shared = self.case.tree(Layout.all_shared(self.case.n_tasks, self.case.n_depths), 0.0)
        # Beyond this, one more branch costs more than any clustering saves.
        most = shared.clustering / float(self.case.branch_costs.min())
        return list(np.geomspace(most / _ALPHA_SPAN, most, n).tolist()) if most > 0 else [0.0]

    def envelope(self, layouts: Collection[Layout]) -> tuple[tuple[float, BranchedTree], ...]:
        """Return which of these layouts, all shared and all split is the cheapest from which α on."""
        case = self.case
        ends = {layout(case.n_tasks, case.n_depths) for layout in (Layout.all_split, Layout.all_shared)}
        trees = [case.tree(layout, 0.0) for layout in sorted({*layouts, *ends})]
        start, best = 0.0, min(trees, key=lambda tree: (tree.clustering, tree.complexity))
        steps = []
        while True:
            steps.append((start, case.tree(best.layout, start)))
            crossings = [
                (max((tree.clustering - best.clustering) / (best.complexity - tree.complexity), start), tree)
                for tree in trees
                if tree.complexity < best.complexity - 1e-12
            ]
            if not crossings:
                return tuple(steps)
            start, best = min(crossings, key=lambda pair: (pair[0], pair[1].complexity))

    def first_needed(self, alpha: float, *, width: int = WIDTH) -> int:
        """Return the first depth whose affinities matter: from the deepest on, all that is kept has merged there.

        What is one group at a depth stays one at all depths before it, so these need not be measured.

        Args:
            alpha: Weight of the complexity, 0 or more.
            width: Most groupings kept at each depth.

        Returns:
            0 where every depth matters.

        Reference:
            Branched Multi-Task Networks, §4.4 and Fig. 6.
        """
        check_alpha(alpha)
        for depth, kept in self._beams(alpha, width):
            if all(len(partial.rows[0]) == 1 for partial in kept):
                return depth
        return 0

    def _one(self, alpha: float, width: int) -> BranchedTree:
        *_, (_, kept) = self._beams(alpha, width)
        return self.case.tree(Layout(kept[0].rows), alpha)

    def _beams(self, alpha: float, width: int) -> Iterator[tuple[int, list[_Partial]]]:
        """Return every depth from the deepest, and the groupings kept there."""
        kept = [_Partial(0.0, 0, ())]
        for depth in reversed(range(self.case.n_depths)):
            price = alpha * float(self.case.branch_costs[depth])
            extended = [child for partial in kept for child in self._children(partial, depth, price, width)]
            kept = sorted(extended, key=lambda partial: partial.rank)[:width]
            yield depth, kept

    def _children(self, partial: _Partial, depth: int, price: float, width: int) -> Iterator[_Partial]:
        """Return the cheapest ways to go on from a partial tree; more than ``width`` only where some are equal."""
        alone: Partition = tuple((task,) for task in range(self.case.n_tasks))
        below = partial.rows[0] if partial.rows else alone
        joined = self._coarsenings(below, depth)
        cost = partial.cost + joined.clustering + price * (joined.branches - 1)
        rounded = cost.round(_DIGITS)
        order = np.lexsort((joined.branches, rounded))
        last = order[min(width, len(order)) - 1]
        chosen = (rounded < rounded[last]) | ((rounded == rounded[last]) & (joined.branches <= joined.branches[last]))
        for place in np.flatnonzero(chosen).tolist():
            rows = (joined.partition(place), *partial.rows)
            yield _Partial(float(cost[place]), partial.branches + int(joined.branches[place]), rows)

    def _coarsenings(self, below: Partition, depth: int) -> "_Coarsenings":
        key = depth, below
        if key not in self._kept:
            self._kept[key] = _Coarsenings.of(below, self.case.distances[depth])
        return self._kept[key]


def beam_tree(case: BranchedCase, alpha: float, *, width: int = WIDTH) -> BranchedTree:
    """Return the cheapest tree that beams of width 1 to ``width`` find.

    At each depth the groups of the depth below are joined: in every way where there are at most 8
    of them, else as spectral clustering into 1, 2, … groups proposes, and not at all. The cheapest
    so far are kept. A wider beam is not always better, so the best of all widths is reported.

    Args:
        case: Distances and downsampling steps.
        alpha: Weight of the complexity, 0 or more.
        width: Most groupings kept at each depth.

    Raises:
        AffinityError: ``alpha`` or ``width`` is out of range.

    Reference:
        Branched Multi-Task Networks, §3.3 and §4.5.
    """
    return BeamSearch(case).best(alpha, width=width)


@dataclass(frozen=True, slots=True, eq=False)
class _Coarsenings:
    """Ways of joining the groups of a partition, itself included, each once.

    Args:
        below: The partition.
        clustering: Clustering cost of each way, ``[n]``.
        branches: Groups of each way, ``[n]``.
        listed: The ways, or None where they are all there are, in the order of ``all_partitions``.
    """

    below: Partition
    clustering: Array
    branches: NDArray[np.int64]
    listed: tuple[Partition, ...] | None = None

    @classmethod
    def of(cls, below: Partition, distance: Array) -> "_Coarsenings":
        """Return the ways for the distances of one depth, ``[n_tasks, n_tasks]``."""
        if len(below) <= MAX_ALL_GROUPS:
            return cls(below, *_every(_between(below, distance, np.maximum)))
        n = len(below)
        alone, together = tuple((item,) for item in range(n)), (tuple(range(n)),)
        similarity = 1.0 - _between(below, distance, np.add)
        ways = list(dict.fromkeys([alone, together, *spectral_partitions(similarity)]))
        labels = np.array([labels_of(way, n) for way in ways])
        clustering = mean_diameters(labels, _between(below, distance, np.maximum)[None])
        branches = np.array([len(way) for way in ways])
        return cls(below, clustering, branches, tuple(_joined(below, way) for way in ways))

    def partition(self, place: int) -> Partition:
        """Return one of the ways."""
        if self.listed is not None:
            return self.listed[place]
        return _joined(self.below, all_partitions(len(self.below)).groups(place))


def _every(distance: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return clustering costs and numbers of groups of every partition of a few items.

    Args:
        distance: Largest distance between members, on the diagonal inside, ``[n, n]``.
    """
    from core.selection.branched_kernels import clustering_costs, group_diameters

    n_groups = all_partitions(len(distance)).n_groups.astype(np.int64)
    if len(distance) == 1:
        return distance[0], n_groups
    fewer = all_partitions(len(distance) - 1)
    return clustering_costs(fewer.ids, fewer.n_groups, group_diameters(distance)[None])[0], n_groups


def _between(partition: Partition, distance: Array, combine: np.ufunc) -> Array:
    """Return the largest (``np.maximum``) or the mean (``np.add``) distance between members of any two groups."""
    order = np.array([task for group in partition for task in group])
    sizes = np.array([len(group) for group in partition])
    starts = np.cumsum(sizes) - sizes
    rows = combine.reduceat(distance[np.ix_(order, order)], starts, axis=0)
    result: Array = combine.reduceat(rows, starts, axis=1)
    return result / (sizes[:, None] * sizes[None]) if combine is np.add else result


def _joined(partition: Partition, groups: Partition) -> Partition:
    return canonical_partition([task for part in group for task in partition[part]] for group in groups)
