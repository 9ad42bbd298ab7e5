"""Every branched tree that is cheapest for some weight of the complexity, from one tensor."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.affinity_source.evidence import Evidence
from core.affinity.distance import Distance
from core.backbones import Backbone
from core.backbones.downsampling import downsamplings
from core.errors import AffinityError, BackboneError
from core.layouts import Layout
from core.selection.beam import BeamSearch
from core.selection.branched import MAX_EXACT_TASKS, BranchedCase, BranchedTree, ExactSearch
from core.selection.regrafting import ImprovedBeam, regrafted
from core.studies.study import Study

Array = NDArray[np.float64]

DISTANCE_WORDS = {
    Distance.COSINE: "Cosine",
    Distance.ONE_MINUS: "1 − A",
    Distance.MAX: "1 − A/max",
}
_DIGITS = 4
# More letters than these do not fit below a small tree.
_SHORT = 14


@dataclass(frozen=True, slots=True)
class Step:
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
        """Give its cost at an α."""
        return self.tree.clustering + alpha * self.tree.complexity


@dataclass(frozen=True, eq=False)
class BranchingView:
    """The trees that follow from one tensor.

    Args:
        tasks: Names in index order.
        case: Distances and down-samplings.
        steps: The α-path; where ``exact`` is None, of the trees that improved beams found.
        exact: The exact search, for up to 11 tasks.
        beams: The paper's search.
        improved: The same with branches moved afterwards.
    """

    tasks: tuple[str, ...]
    case: BranchedCase
    steps: tuple[Step, ...]
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
        """Give the place of the tree that is cheapest at an α."""
        return max(bisect.bisect_right([step.start for step in self.steps], alpha * (1 + 1e-12)) - 1, 0)

    def step(self, alpha: float) -> Step:
        """Give the tree that is cheapest at an α."""
        return self.steps[self.place(alpha)]

    def at(self, place: int) -> float:
        """Give a round α within the interval of a tree."""
        return round_within(self.steps[place].start, self.steps[place].end)

    def searched(self, alpha: float, width: int) -> "BranchingView":
        """Give the same trees and the one found for this very α, where that is cheaper; beyond 11 tasks it may be."""
        if self.exact is not None:
            return self
        shown = self.case.tree(self.step(alpha).tree.layout, alpha)
        found = min(self.improved.best(alpha, width=width), regrafted(self.case, shown), key=lambda tree: tree.cost)
        if _more(found.cost, shown.cost) >= 0:
            return self
        path = self.beams.envelope({found.layout, *(step.tree.layout for step in self.steps)})
        return replace(self, steps=_steps(path))

    def gap(self, alpha: float, width: int) -> float:
        """Give how much more the tree of the paper's beam costs than the one shown, as a share of that.

        Trees that cost nothing have no share: then it is 0 or infinity.
        """
        return _more(self.beams.best(alpha, width=width).cost, self.step(alpha).cost(alpha))

    def improved_gap(self, alpha: float, width: int) -> float:
        """Give how much more it costs with branches moved afterwards, as ``gap`` does."""
        return _more(self.improved.best(alpha, width=width).cost, self.step(alpha).cost(alpha))


def branching_view(
    evidence: Evidence, kind: Distance, downs: Sequence[float], *, width: int, keep: int = MAX_EXACT_TASKS
) -> BranchingView:
    """Give the trees of a tensor.

    Args:
        evidence: The tensor.
        kind: How its affinities become distances.
        downs: Down-samplings after each depth.
        width: Of the beams that make the path beyond so many tasks.
        keep: Up to so many tasks the path is exact.

    Raises:
        AffinityError: A cell is missing, or the numbers don't fit.
    """
    case = BranchedCase(evidence.distances(kind), tuple(downs))
    beams = BeamSearch(case)
    exact = ExactSearch(case) if case.n_tasks <= keep else None
    improved = ImprovedBeam(beams)
    path = improved.path(width=width) if exact is None else exact.path()
    return BranchingView(evidence.tasks, case, _steps(path), exact, beams, improved)


def fits(evidence: Evidence, study: Study) -> str:
    """Give why a tree of this tensor is no layout of the study; empty where it is one."""
    if evidence.tasks != study.task_names:
        return "Its tasks are not those of the study, so its trees are no layouts of it"
    if evidence.n_depths != study.n_blocks:
        return f"It has {evidence.n_depths} depths and the study {study.n_blocks} blocks, so its trees do not fit it"
    return ""


def usual_downsamplings(evidence: Evidence, backbone: Backbone) -> tuple[float, ...]:
    """Give the down-samplings to begin with: the backbone's where they are known, else none anywhere."""
    return (0.0,) * evidence.n_depths if why_not_known(evidence, backbone) else downsamplings(backbone)


def why_not_known(evidence: Evidence, backbone: Backbone) -> str:
    """Give why the down-samplings of a backbone are not those of a tensor's depths; empty where they are."""
    if evidence.n_depths != backbone.n_blocks:
        return (
            f"The tensor has {evidence.n_depths} depths and the backbone {backbone.n_blocks} blocks, so down-samplings "
            "are not known: 0 everywhere, until they are set by hand."
        )
    try:
        downsamplings(backbone)
    except BackboneError as fault:
        return f"{fault} Until then, 0 everywhere."
    return ""


def read_downsamplings(text: str, n_depths: int) -> tuple[float, ...]:
    """Give the numbers that somebody typed, one for each depth.

    Raises:
        AffinityError: They are others; the sentence shows how to write them.
    """
    words = text.replace(";", ",").split(",")
    try:
        found = tuple(float(word) for word in words)
    except ValueError:
        found = ()
    if len(found) != n_depths or not all(0 <= value <= 32 for value in found):
        example = ", ".join(str(max(n_depths - 1 - depth, 0)) for depth in range(n_depths))
        raise AffinityError(
            f'"{text[:60]}" should be {n_depths} numbers from 0 to 32, one for each depth from the input, as in '
            f"{example[:60]}."
        )
    return found


def downsampling_words(downs: Sequence[float]) -> str:
    """Give down-samplings as a person writes them.

    >>> downsampling_words((2.0, 1.125, 0.0))
    '2, 1.12, 0'
    >>> downsampling_words((0.0,) * 16)
    '0 everywhere'
    """
    if len(set(downs)) == 1:
        return f"{downs[0]:.3g} everywhere"
    return ", ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in downs)


def round_within(start: float, end: float) -> float:
    """Give the number with fewest digits near the middle of an interval, by ratio; twice the start where it is open.

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


def kept_alpha(alpha: float, steps: Sequence[Step]) -> float:
    """Give an α with few digits that leads to the same tree.

    Args:
        alpha: 0 or more.
        steps: The α-path.
    """
    for digits in range(_DIGITS, 17):
        rounded = float(f"{alpha:.{digits}g}")
        if all((step.start <= alpha) == (step.start <= rounded) for step in steps):
            return rounded
    return alpha


def short_layout_label(layout: Layout) -> str:
    """Give how many branches a tree has, at the first and the last block only where it has many."""
    label = layout_label(layout)
    return label if len(label) <= _SHORT else f"{layout.group_counts[0]} to {layout.group_counts[-1]} branches"


def layout_label(layout: Layout) -> str:
    """Give how many branches a tree has at each block, as 1·1·2·3."""
    return "·".join(map(str, layout.group_counts))


def _steps(path: Sequence[tuple[float, BranchedTree]]) -> tuple[Step, ...]:
    ends = [*(start for start, _ in path[1:]), math.inf]
    return tuple(Step(start, end, tree) for (start, tree), end in zip(path, ends, strict=True))


def _more(cost: float, shown: float) -> float:
    """Give how much more something costs than what is shown, as a share of that; 0 where it is rounding."""
    if abs(cost - shown) <= 1e-9 * (1 + abs(shown)):
        return 0.0
    return (cost - shown) / shown if shown > 0 else math.inf
