"""One candidate layout with its score and cost, and the one order of candidates."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.costs import layout_cost
from core.errors import BudgetError
from core.layouts import Layout
from core.selection.layout_score import LayoutScore
from core.selection.pairwise import on_grid

Array = NDArray[np.float64]
# Sums of costs, products with tasks and budgets, and the grid that they are rounded to stay within float64.
_LEAST, _MOST = 1e-30, 1e30
COST_RULE: Final = f"a finite number from 0 to {_MOST:g}, if not 0 then at least {_LEAST:g}"


def usable_cost(cost: float) -> bool:
    """Return whether a block may cost so much: 0, or far from the least and greatest number that a float holds."""
    return cost == 0 or _LEAST <= cost <= _MOST


@dataclass(frozen=True, slots=True)
class Choice:
    """A layout, its predicted score and its cost."""

    layout: Layout
    score: float
    cost: float


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a search is about: scores and block costs; and when two candidates tie.

    Two scores are equal if they round to the same multiple of ``score_step`` (10⁻⁹, or 2⁻⁴⁰ of
    the scores' span where that is more), two costs likewise with ``cost_step`` (2⁻⁴⁰ of T
    single-task networks, so that whole numbers of parameters stay apart). Rounding, unlike
    "differs by less than", makes equality transitive.

    Args:
        score: The score.
        costs: Cost of one copy of each block, ``[n_blocks]``, none negative.

    Raises:
        BudgetError: The costs are not one number per block, 0 or of usable size.
    """

    score: LayoutScore
    costs: Array

    def __post_init__(self) -> None:
        costs = np.asarray(self.costs, dtype=np.float64)
        if costs.shape != (self.score.n_blocks,):
            raise BudgetError(
                f"There are {costs.size} block costs and {self.score.n_blocks} blocks. Give one cost per block."
            )
        if bad := [float(cost) for cost in costs if not usable_cost(float(cost))]:
            raise BudgetError(f"A block cost should be {COST_RULE}. Found {bad[0]:g}. Use another unit.")
        costs = on_grid(costs, float(costs.sum()) * self.score.n_tasks)
        costs.setflags(write=False)
        object.__setattr__(self, "costs", costs)

    @property
    def cheapest(self) -> float:
        """Cost of one backbone, the least any layout costs."""
        return float(self.costs.sum())

    @property
    def most_expensive(self) -> float:
        """Cost of T single-task networks, the most any layout costs."""
        return self.cheapest * self.score.n_tasks

    @property
    def score_step(self) -> float:
        """Width of the bins in which scores are equal."""
        return max(1e-9, self.score.span * 2.0**-40)

    @property
    def cost_step(self) -> float:
        """Width of the bins in which costs are equal."""
        return self.most_expensive * 2.0**-40 or 1.0

    def score_key(self, score: float) -> int:
        """Return the bin of a score."""
        return int(np.floor(score / self.score_step + 0.5))

    def cost_key(self, cost: float) -> int:
        """Return the bin of a cost."""
        return int(np.floor(cost / self.cost_step + 0.5))

    def choice(self, layout: Layout) -> Choice:
        """Return ``layout`` with its score and cost."""
        return Choice(layout, self.score.score(layout), self.cost(layout))

    def cost(self, layout: Layout) -> float:
        """Return the cost of ``layout``."""
        return layout_cost(layout, self.costs)

    def order(self, choice: Choice) -> tuple[int, int, int, Layout]:
        """Return the sort key, best first: higher score, lower cost, fewer groups, canonical order."""
        return -self.score_key(choice.score), self.cost_key(choice.cost), choice.layout.n_groups, choice.layout

    def front(self, choices: Iterable[Choice]) -> list[Choice]:
        """Return the non-dominated ones of ``choices`` by rising cost, one per (cost, score)."""
        kept: list[Choice] = []
        for choice in sorted(choices, key=lambda c: (self.cost_key(c.cost), self.order(c))):
            if not kept or self.score_key(choice.score) > self.score_key(kept[-1].score):
                kept.append(choice)
        return kept
