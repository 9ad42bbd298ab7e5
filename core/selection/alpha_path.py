"""The branched trees that are the cheapest one after another as the weight α of complexity grows."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from core.layouts import Layout
from core.selection.beam import BeamSearch
from core.selection.branched import MAX_EXACT_TASKS, BranchedCase, BranchedTree, ExactSearch
from core.selection.regrafting import ImprovedBeam, regrafted

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class AlphaStep:
    """One tree of the α-path.

    Args:
        start: It is the cheapest from this α on.
        end: Up to this one; infinity for the last.
        tree: The tree.
    """

    start: float
    end: float
    tree: BranchedTree

    def cost(self, alpha: float) -> float:
        """Return its cost at an α."""
        return self.tree.clustering + alpha * self.tree.complexity


@dataclass(frozen=True, eq=False)
class AlphaPath:
    """The trees that follow from one tensor.

    Args:
        tasks: Names in index order.
        case: Distances and downsampling steps.
        steps: The α-path; where ``exact`` is None, of the trees that improved beams found.
        exact: The exact search, for up to 11 tasks.
        beams: The beam search of Branched MTL.
        improved: The same with branches moved afterwards.
    """

    tasks: tuple[str, ...]
    case: BranchedCase
    steps: tuple[AlphaStep, ...]
    exact: ExactSearch | None
    beams: BeamSearch = field(repr=False)
    improved: ImprovedBeam = field(repr=False)

    @property
    def n_depths(self) -> int:
        """Number of depths."""
        return self.case.n_depths

    @cached_property
    def usual(self) -> float:
        """The α to begin with: a round one for the tree at which all shared and all split cost the same."""
        n_tasks = len(self.tasks)
        shared, split = (
            self.case.tree(layout(n_tasks, self.n_depths), 0.0) for layout in (Layout.all_shared, Layout.all_split)
        )
        if split.complexity <= shared.complexity:
            return self.at(len(self.steps) - 1)
        even = (shared.clustering - split.clustering) / (split.complexity - shared.complexity)
        return self.at(self.place(max(even, 0.0)))

    def place(self, alpha: float) -> int:
        """Return the place of the tree that is cheapest at an α."""
        return max(bisect.bisect_right([step.start for step in self.steps], alpha * (1 + 1e-12)) - 1, 0)

    def step(self, alpha: float) -> AlphaStep:
        """Return the tree that is cheapest at an α."""
        return self.steps[self.place(alpha)]

    def at(self, place: int) -> float:
        """Return a round α within the interval of a tree."""
        return round_within(self.steps[place].start, self.steps[place].end)

    def searched(self, alpha: float, width: int) -> "AlphaPath":
        """Return the same trees and the one found for this very α, where that is cheaper; beyond 11 tasks it may be."""
        if self.exact is not None:
            return self
        shown = self.case.tree(self.step(alpha).tree.layout, alpha)
        found = min(self.improved.best(alpha, width=width), regrafted(self.case, shown), key=lambda tree: tree.cost)
        if _more(found.cost, shown.cost) >= 0:
            return self
        path = self.beams.envelope({found.layout, *(step.tree.layout for step in self.steps)})
        return replace(self, steps=_steps(path))

    def gap(self, alpha: float, width: int) -> float:
        """Return how much more the tree of the Branched MTL beam costs than the one shown, as a share of that.

        Trees that cost nothing have no share: then it is 0 or infinity.
        """
        return _more(self.beams.best(alpha, width=width).cost, self.step(alpha).cost(alpha))

    def improved_gap(self, alpha: float, width: int) -> float:
        """Return how much more it costs with branches moved afterwards, as ``gap`` does."""
        return _more(self.improved.best(alpha, width=width).cost, self.step(alpha).cost(alpha))


def round_within(start: float, end: float) -> float:
    """Return the number with fewest digits near the middle of an interval, by ratio; twice the start where it is open.

    >>> round_within(0.0712, 0.0934), round_within(0.0, 0.01), round_within(0.4, float("inf"))
    (0.08, 0.005, 0.8)
    """
    if end == math.inf:
        return float(f"{2 * start:.2g}") if start > 0 else 1.0
    middle = math.sqrt(start * end) if start > 0 else end / 2
    for digits in range(1, 17):
        rounded = float(f"{middle:.{digits}g}")
        if start < rounded < end:
            return rounded
    return middle


def kept_alpha(alpha: float, steps: Sequence[AlphaStep]) -> float:
    """Return an α with few digits that leads to the same tree.

    Args:
        alpha: 0 or more.
        steps: The α-path.
    """
    for digits in range(_DIGITS, 17):
        rounded = float(f"{alpha:.{digits}g}")
        if all((step.start <= alpha) == (step.start <= rounded) for step in steps):
            return rounded
    return alpha


def cheapest_trees(tasks: tuple[str, ...], case: BranchedCase, *, width: int, keep: int = MAX_EXACT_TASKS) -> AlphaPath:
    """Return the trees of a case.

    Args:
        tasks: Names in index order.
        case: Distances and downsampling steps.
        width: Of the beams that make the path beyond ``keep`` tasks.
        keep: Up to so many tasks the path is exact.
    """
    beams = BeamSearch(case)
    exact = ExactSearch(case) if case.n_tasks <= keep else None
    improved = ImprovedBeam(beams)
    path = improved.path(width=width) if exact is None else exact.path()
    return AlphaPath(tasks, case, _steps(path), exact, beams, improved)


def _steps(path: Sequence[tuple[float, BranchedTree]]) -> tuple[AlphaStep, ...]:
    ends = [*(start for start, _ in path[1:]), math.inf]
    return tuple(AlphaStep(start, end, tree) for (start, tree), end in zip(path, ends, strict=True))


def _more(cost: float, shown: float) -> float:
    """Return how much more something costs than what is shown, as a share of that; 0 where it is rounding."""
    if abs(cost - shown) <= 1e-9 * (1 + abs(shown)):
        return 0.0
    return (cost - shown) / shown if shown > 0 else math.inf
