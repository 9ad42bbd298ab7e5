"""The cheapest branched network, exactly, and every one that is cheapest for some weight of the complexity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError
from core.layouts import Layout
from core.layouts.partitions import MAX_PARTITION_TASKS, Partitions, all_partitions, pair_masks
from core.selection.branched_case import BranchedCase, BranchedTree, check_alpha

__all__ = ["MAX_EXACT_TASKS", "BranchedCase", "BranchedTree", "ExactSearch", "alpha_path", "best_tree", "check_alpha"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Millions of merges at twelve tasks take gigabytes; the beam takes over there.
MAX_EXACT_TASKS = 11
# Looking through so many pairs for each partition takes about as long as propagating costs along all merges.
STEPS_PER_PARTITION = 500
_SLACK = 1e-12
# The gap doubles each time: after so many it is wider than any tree costs.
_MOST_TRIES = 64
# Infinity less infinity is no number.
_FORBIDDEN = 1e30


@dataclass(frozen=True, slots=True, eq=False)
class ExactSearch:
    """What all weights of the complexity have in common: the clustering cost of every partition at every depth.

    Args:
        case: Distances and downsampling steps; at most 11 tasks.
        most_steps: Refinements looked through one by one before costs are propagated along merges instead; None for as
            many as take about as long.

    Raises:
        AffinityError: There are more tasks.
    """

    case: BranchedCase
    most_steps: int | None = None
    clustering: Array = field(init=False, repr=False)
    least: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.case.n_tasks > MAX_EXACT_TASKS:
            raise AffinityError(
                f"The exact tree of {self.case.n_tasks} tasks is out of reach; at most {MAX_EXACT_TASKS} are searched. "
                "Use the beam."
            )
        object.__setattr__(self, "clustering", _clustering(self.case))
        object.__setattr__(self, "least", self.least_clustering(_required(self.case, None)))

    def least_clustering(self, together: Ints) -> Array:
        """Return the smallest clustering cost for every depth and number of groups, ``[n_depths, n_tasks + 1]``.

        Args:
            together: Pairs that must not be split at each depth, as bits, ``[n_depths]``.
        """
        from core.selection.branched_kernels import least_clustering

        groups, pairs = all_partitions(self.case.n_tasks).n_groups, pair_masks(self.case.n_tasks)
        kept = together.tolist()
        return np.stack(
            [least_clustering(own, groups, pairs, kept[depth]) for depth, own in enumerate(self.clustering)]
        )

    def best(self, alpha: float, *, upper: float = np.inf, together: tuple[int, Sequence[int]] | None = None) -> Layout:
        """Return the cheapest tree.

        A tree costs at least what each depth alone costs at least. Only partitions that stay
        within a gap above that are looked at, and the gap grows until a tree fits into it, so the
        first tree found is the cheapest of all. Ties: fewer branches, then canonical order.

        Args:
            alpha: Weight of the complexity, 0 or more.
            upper: A tree of this cost is known.
            together: A depth and tasks that must share a branch up to there.

        Raises:
            AffinityError: ``alpha`` is below 0, too large or no number.

        Reference:
            Branched Multi-Task Networks, §3.3; the exact search is ours.
        """
        check_alpha(alpha)
        problem = _Problem(self, alpha, _required(self.case, together))
        floor = float(problem.least.sum())
        known = min(upper, problem.known)
        slack = _SLACK * (1.0 + abs(known))
        # With a good limit there is no need to feel the way.
        room = max(known - floor, 0.0)
        gap = room if upper <= known else room / 8
        for _ in range(_MOST_TRIES):
            rows = problem.within(gap + slack)
            if rows is None:
                rows = problem.spread(known + slack)
            if rows:
                return Layout(tuple(all_partitions(self.case.n_tasks).groups(row) for row in rows))
            gap = min(2 * gap, room) if gap < room else 2 * gap + slack
        raise AffinityError("No tree was found: the distances and α lie too far apart. Use numbers of similar size.")

    def path(self) -> tuple[tuple[float, BranchedTree], ...]:
        """Return every tree that is cheapest for some α, as ``alpha_path`` does."""
        shared = Layout.all_shared(self.case.n_tasks, self.case.n_depths)
        first, last = self.case.tree(self.best(0.0), 0.0), self.case.tree(shared, 0.0)
        found = [(0.0, first), *self._between(first, last)]
        ends = [*(start for start, _ in found[1:]), np.inf]
        # Where some distances are 0, another tree may be as cheap at α = 0 and cheaper right after it.
        return tuple(
            (start, self.case.tree(tree.layout, start))
            for (start, tree), end in zip(found, ends, strict=True)
            if end - start > _SLACK * (1.0 + start)
        )

    def _between(self, left: BranchedTree, right: BranchedTree) -> Iterator[tuple[float, BranchedTree]]:
        """Return (α, tree) of the trees after ``left`` up to ``right``, where ``left`` is cheapest for smaller α."""
        saved = left.complexity - right.complexity
        if saved <= 0:
            return
        alpha = max((right.clustering - left.clustering) / saved, 0.0)
        known = min(left.clustering + alpha * left.complexity, right.clustering + alpha * right.complexity)
        middle = self.case.tree(self.best(alpha, upper=known), alpha)
        if middle.cost >= known - _SLACK * (1.0 + abs(known)):
            yield alpha, right
            return
        yield from self._between(left, middle)
        yield from self._between(middle, right)


def best_tree(case: BranchedCase, alpha: float) -> BranchedTree:
    """Return the cheapest tree, exactly. Ties: fewer branches, then canonical order.

    Args:
        case: Distances and downsampling steps; at most 11 tasks.
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
    return case.tree(ExactSearch(case).best(alpha), alpha)


def alpha_path(case: BranchedCase) -> tuple[tuple[float, BranchedTree], ...]:
    """Return every tree that is cheapest for some α, with the α from which on it is, from 0 upwards.

    Complexity falls and clustering rises along the path, so each tree is cheapest on one interval;
    between two known trees the search asks at the α where they cost the same.

    Args:
        case: At most 11 tasks.

    Raises:
        AffinityError: There are more tasks.
    """
    return ExactSearch(case).path()


class _Problem:
    """One search: prices of branches, and what must stay together."""

    def __init__(self, search: ExactSearch, alpha: float, together: Ints) -> None:
        self.search, self.together = search, together
        n_tasks = search.case.n_tasks
        self.groups = all_partitions(n_tasks).n_groups
        self.pairs = pair_masks(n_tasks)
        self.prices = alpha * search.case.branch_costs
        clustering = search.least_clustering(together) if together.any() else search.least
        # What a depth costs at least with a number of groups; a depth before has as many or fewer, one after it more.
        own = clustering + self.prices[:, None] * (np.arange(n_tasks + 1) - 1)
        self.least = own.min(axis=1)
        up_to = np.minimum.accumulate(own, axis=1) - self.least[:, None]
        from_on = np.minimum.accumulate(own[:, ::-1], axis=1)[:, ::-1] - self.least[:, None]
        none = np.zeros((1, n_tasks + 1))
        self.before = np.concatenate([none, np.cumsum(up_to, axis=0)[:-1]])
        self.after = np.concatenate([np.cumsum(from_on[::-1], axis=0)[::-1][1:], none])

    @property
    def known(self) -> float:
        """Cost of the cheaper of two trees that need no search: all shared, and all split where that is allowed."""
        shared = float(self.search.clustering[:, 0].sum())
        split = float(self.prices.sum()) * (self.search.case.n_tasks - 1)
        return min(shared, split) if not self.together.any() else shared

    def within(self, gap: float) -> list[int] | None:
        """Return the partitions of the cheapest tree within a gap above the least, from the first depth.

        Returns:
            An empty list where no tree is within it, None where there are too many to enumerate.
        """
        from core.selection.branched_kernels import refine, within

        steps, ways = 0, []
        most = self.search.most_steps
        most = STEPS_PER_PARTITION * len(self.pairs) if most is None else most
        counts = np.arange(self.before.shape[1])
        below, after = np.zeros(1, dtype=np.int64), np.zeros(1)
        branches, places = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        for depth in reversed(range(len(self.prices))):
            clustering, price, kept = self.search.clustering[depth], self.prices[depth], int(self.together[depth])
            # Less room where so many groups force other depths to cost more than their least.
            room = gap - self.before[depth]
            limits = self.least[depth] + room - self.after[depth] - price * (counts - 1)
            rows = within(clustering, self.groups, self.pairs, kept, limits)
            excess = clustering[rows] + price * (self.groups[rows] - 1) - self.least[depth]
            chosen = np.empty(len(rows), dtype=np.int64)
            left = room[self.groups[rows]] - excess
            steps += refine(self.pairs[rows], left, below, after, branches, places, most - steps, chosen)
            if steps > most:
                return None
            fits = chosen >= 0
            rows, chosen, excess = rows[fits], chosen[fits], excess[fits] + after[chosen[fits]]
            own = self.groups[rows] + branches[chosen]
            order = np.lexsort((own, excess))  # stable, so that equals stay in canonical order
            places, after, branches = rows[order], excess[order], own[order]
            below = self.pairs[places]
            ways.append((places, chosen[order]))
        return self._cheapest(ways, after, branches) if len(after) else []

    def _cheapest(self, ways: list[tuple[Ints, Ints]], after: Array, branches: Ints) -> list[int]:
        # The last digit of a sum is chance: all that are as cheap up to there are equals.
        equals = np.flatnonzero(after <= after[0] + _SLACK * (1.0 + abs(after[0])))
        place = int(min(equals, key=lambda at: (branches[at], ways[-1][0][at])))
        found = []
        for rows, chosen in reversed(ways):
            found.append(int(rows[place]))
            place = int(chosen[place])
        return found

    def spread(self, known: float) -> list[int]:
        """Return the partitions of the cheapest tree by handing costs along single merges; ``known`` it may cost."""
        from core.selection.branched_kernels import spread

        lattice = _lattice(self.search.case.n_tasks)
        branches = self.groups.astype(np.int64)
        own = self.search.clustering + self.prices[:, None] * (branches - 1)
        own[self.pairs & self.together[:, None] != self.together[:, None]] = _FORBIDDEN
        before = np.concatenate([[0.0], np.cumsum(self.least)[:-1]])
        cost, groups = np.zeros(len(branches)), np.zeros(len(branches), dtype=np.int64)
        choices = []
        for depth in reversed(range(len(own))):
            cost, groups = cost + own[depth], groups + branches
            best = np.empty(len(branches), dtype=np.int32)
            spread(lattice.order, lattice.starts, lattice.places, known - before[depth], cost, groups, best)
            choices.append(best)
        # The whole set of tasks is the partition all others refine: its best is the best of all.
        at, rows = 0, []
        for best in reversed(choices):
            at = int(best[at])
            rows.append(at)
        return rows


def _required(case: BranchedCase, together: tuple[int, Sequence[int]] | None) -> Ints:
    """Return the pairs that must not be split at each depth, as bits, ``[n_depths]``."""
    required = np.zeros(case.n_depths, dtype=np.int64)
    if together is not None:
        depth, tasks = together
        bits = [1 << (task * (task - 1) // 2 + other) for task in tasks for other in tasks if other < task]
        # A tree never re-joins: who shares this depth shares all before it.
        required[: depth + 1] = sum(bits)
    return required


def _clustering(case: BranchedCase) -> Array:
    """Return the clustering cost of every partition at every depth, ``[n_depths, n_partitions]``."""
    from core.selection.branched_kernels import clustering_costs, group_diameters

    if case.n_tasks == 1:
        return np.zeros((case.n_depths, 1))
    fewer = all_partitions(case.n_tasks - 1)
    diameters = np.stack([group_diameters(np.ascontiguousarray(depth)) for depth in case.distances])
    return clustering_costs(fewer.ids, fewer.n_groups, diameters)


@dataclass(frozen=True, slots=True, eq=False)
class _Lattice:
    partitions: Partitions
    order: Ints
    starts: Ints
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


def _extensions(n_tasks: int) -> Ints:
    found = np.ones((n_tasks, MAX_PARTITION_TASKS + 2), dtype=np.int64)
    for left in range(1, n_tasks):
        for groups in range(1, MAX_PARTITION_TASKS + 1):
            found[left, groups] = groups * found[left - 1, groups] + found[left - 1, groups + 1]
    return found
