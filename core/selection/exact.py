"""The best layouts within a budget, exactly, without enumeration."""

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError
from core.selection.budget import Budget, inclusive
from core.selection.choice import Choice, Terms
from core.selection.lagrange import Lanes, as_choices, canonical_rank, dual_multiplier, gentle_prices, kernels
from core.selection.layout_score import LayoutScore

Array = NDArray[np.float64]


def best_layouts(
    score: LayoutScore, costs: Array, *, budget: Budget | float | str | None = None, top: int = 5
) -> list[Choice]:
    """Return the ``top`` best layouts that cost no more than the budget, best first.

    Ties: lower cost, then fewer groups, then canonical order. Exact: a depth-first branch and
    bound, with tables of the Lagrangian relaxation as bounds.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        budget: Greatest cost, inclusive within 10⁻⁹ relative; none by default.
        top: How many, at least one; fewer are given if there are no more.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.

    >>> score = PairwiseScore(np.array([[[0.0, 0, 0], [0, 2, 1]], [[0, 2, 1], [0, 0, 0]]]))
    >>> [(str(c.layout), c.score) for c in best_layouts(score, np.array([1.0, 1.0]), top=2)]
    [('0,1 | 0;1', 2.0), ('0,1 | 0,1', 1.0)]
    """
    terms = Terms(score, costs)
    return top_choices(terms, *checked_question(terms, costs, budget, top))


def checked_question(terms: Terms, costs: Array, budget: Budget | float | str | None, top: int) -> tuple[float, int]:
    """Return the greatest cost that counts as within the budget, and how many layouts are wanted.

    Args:
        terms: Scores and costs.
        costs: Cost of one copy of each block as it was given, ``[n_blocks]``.
        budget: Greatest cost, inclusive within 10⁻⁹ relative; None for no limit.
        top: How many, at least one.

    Raises:
        BudgetError: The budget can't be used, the cheapest layout costs more, or no layout is requested.
    """
    if top < 1:
        raise BudgetError(f"{top} layouts were requested. Choose at least one.")
    if budget is None:
        return terms.most_expensive, top
    amount = Budget.parse(budget).absolute(np.asarray(costs, dtype=np.float64), n_tasks=terms.score.n_tasks)
    return min(terms.most_expensive, inclusive(amount, terms.cheapest)), top


def top_choices(terms: Terms, limit: float, top: int) -> list[Choice]:
    """Return the ``top`` best layouts that cost at most ``limit``.

    The first walk takes the most promising branch first and finds how good the last one wanted
    is; the second, in canonical order, keeps the first of equals.
    """
    multiplier = dual_multiplier(terms, limit)
    gentle, toll = gentle_prices(terms)
    lanes = Lanes(
        terms,
        np.array([multiplier, 0.0, max(multiplier, gentle), 1.6 * multiplier]),
        np.array([0.0, 0.0, toll, 0.0]),
    )
    keys, found, n = _walk(terms, lanes, limit, top, by_rank=False, warm=np.empty((0, 3), dtype=np.int64))
    if n == 0:
        return []
    if n == top:
        # One group more than the last one has, so that its equals are still found.
        warm = keys[n - 1 : n] + np.array([[0, 0, 1]])
        keys, found, n = _walk(terms, lanes, limit, top, by_rank=True, warm=warm)
    return sorted(as_choices(terms, found[:n]), key=terms.order)


def _walk(
    terms: Terms, lanes: Lanes, limit: float, top: int, *, by_rank: bool, warm: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], int]:
    score, code = terms.score, kernels()
    keys = np.zeros((top, 3), dtype=np.int64)
    found = np.zeros((top, score.n_blocks, score.n_tasks), dtype=np.int32)
    steps = np.array([terms.score_step, terms.cost_step, score.n_tasks * score.n_blocks])
    n = code.explore(
        by_rank,
        score.gains,
        lanes.best,
        lanes.penalties,
        lanes.bounds,
        terms.costs,
        score.constant,
        steps,
        limit,
        canonical_rank(score.n_tasks),
        warm,
        keys,
        found,
    )
    return keys, found, n
