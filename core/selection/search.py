"""Choose a search: list all layouts while they are few, then exact while that takes seconds, then heuristic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layouts.counting import count_layouts
from core.selection.beam import BeamSearch
from core.selection.branched import BranchedCase, ExactSearch
from core.selection.budget import Budget
from core.selection.choice import Choice, Terms
from core.selection.complete import complete_best, complete_front
from core.selection.exact import best_layouts, checked_question
from core.selection.large import large_front, search_large
from core.selection.layout_score import GainScore
from core.selection.pairwise import PairwiseScore
from core.selection.pareto import exact_front
from core.selection.regrafting import ImprovedBeam

# So many layouts are listed in some milliseconds, with no compiler that somebody would wait for.
FEW_LAYOUTS = 10_000
# Transitions 3^T·B of one table. At about a nanosecond each, a top-k fills some ten tables, a front some hundred.
MOST_FOR_TOP = 3**15 * 12
MOST_FOR_FRONT = 3**13 * 10
# Without numba a node takes a hundred times longer.
MOST_IN_PYTHON = 3**9 * 5

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The best layouts within a budget.

    Args:
        choices: Best first.
        exact: Whether they are proved to be the best.
        bound: No layout within the budget scores more than this.
    """

    choices: tuple[Choice, ...]
    exact: bool
    bound: float

    @property
    def gap(self) -> float:
        """What the first choice could lack at most."""
        return self.bound - self.choices[0].score


@dataclass(frozen=True, slots=True)
class Front:
    """Non-dominated layouts by rising cost, and whether these are all of them."""

    choices: tuple[Choice, ...]
    exact: bool


def recommend(
    score: GainScore, costs: Array, *, budget: Budget | float | str | None = None, top: int = 5, seed: int = 0
) -> Recommendation:
    """Return the best layouts within a budget, proved where the size allows it.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        budget: Greatest cost, inclusive within 10⁻⁹ relative; none by default.
        top: How many, at least one.
        seed: Seed of the heuristic search; the exact one needs none.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.
    """
    if _few(score):
        terms = Terms(score, costs)
        choices = complete_best(terms, *checked_question(terms, costs, budget, top))
        return Recommendation(tuple(choices), exact=True, bound=choices[0].score)
    if transitions(score) <= _most(MOST_FOR_TOP):
        choices = best_layouts(score, costs, budget=budget, top=top)
        return Recommendation(tuple(choices), exact=True, bound=choices[0].score)
    found = search_large(score, costs, budget=budget, top=top, seed=seed)
    return Recommendation(found.choices, exact=False, bound=found.bound)


def front(score: GainScore, costs: Array, *, seed: int = 0) -> Front:
    """Return the front of cost and score, complete where the size allows it.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        seed: Seed of the heuristic search; the exact one needs none.

    Raises:
        BudgetError: The costs are not one finite number ≥ 0 per block.
    """
    if _few(score):
        return Front(tuple(complete_front(Terms(score, costs))), exact=True)
    if transitions(score) <= _most(MOST_FOR_FRONT):
        return Front(tuple(exact_front(score, costs)), exact=True)
    return Front(tuple(large_front(score, costs, seed=seed)), exact=False)


def transitions(score: GainScore) -> int:
    """Return 3^T · B, which the time of the exact search grows with."""
    return int(3**score.n_tasks) * score.n_blocks


def _few(score: GainScore) -> bool:
    return count_layouts(score.n_tasks, score.n_blocks) <= FEW_LAYOUTS


def _most(compiled: int) -> int:
    from core.selection.compiler import HAS_NUMBA

    return compiled if HAS_NUMBA else MOST_IN_PYTHON


def warm_up() -> None:
    """Compile or load every inner loop, so that no later search waits for it."""
    pairs = np.zeros((3, 3, 3))
    pairs[0, 1, 1] = pairs[1, 0, 1] = pairs[0, 2, 2] = pairs[2, 0, 2] = 1.0
    score = PairwiseScore(pairs)
    best_layouts(score, np.ones(2), budget="2x", top=2)
    exact_front(score, np.ones(2))
    large_front(score, np.ones(2), restarts=1)
    # Nine tasks are so many that the beam clusters them; three are searched exactly.
    for n_tasks in (3, 9):
        distances = np.ones((2, n_tasks, n_tasks)) - np.eye(n_tasks)
        case = BranchedCase(distances, (1.0, 0.0))
        ImprovedBeam(BeamSearch(case)).best(0.1)
        if n_tasks == 3:
            ExactSearch(case).path()
