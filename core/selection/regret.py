"""What one decision costs: the best score when a branch point is forced."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.layouts import count_layouts, enumerate_layouts
from core.selection.budget import Budget, inclusive
from core.selection.choice import Terms
from core.selection.complete import layout_scores
from core.selection.exact import top_choices
from core.selection.lagrange import Lanes
from core.selection.layout_score import LayoutScore
from core.selection.tabled_score import TabledScore

Array = NDArray[np.float64]
FEW_LAYOUTS = 300_000


def forced_scores(
    score: LayoutScore,
    costs: Array,
    *,
    budget: Budget | float | str | None = None,
    enumerate_up_to: int = FEW_LAYOUTS,
) -> Array:
    """Return the best score with b_ij forced to b, ``[n_tasks, n_tasks, n_blocks + 1]``.

    NaN on the diagonal, and where the budget allows no such layout. Exact, for up to about 13 tasks.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        budget: Greatest cost; none by default.
        enumerate_up_to: Up to so many layouts are all evaluated; above, one search per cell.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.

    >>> from core.selection.pairwise import PairwiseScore
    >>> score = PairwiseScore(np.array([[[0.0, 0, 0], [0, 2, 1]], [[0, 2, 1], [0, 0, 0]]]))
    >>> forced_scores(score, np.array([1.0, 1.0]))[0, 1].tolist()
    [0.0, 2.0, 1.0]
    """
    terms = Terms(score, costs)
    limit = None
    if budget is not None:
        amount = Budget.parse(budget).absolute(np.asarray(costs, dtype=np.float64), n_tasks=score.n_tasks)
        limit = inclusive(amount, terms.cheapest)
    if count_layouts(score.n_tasks, score.n_blocks) <= enumerate_up_to:
        return _by_enumeration(terms, limit)
    return _by_search(terms, limit)


def regret_map(score: LayoutScore, costs: Array, *, budget: Budget | float | str | None = None) -> Array:
    """Return what forcing b_ij to b loses against the best, ``[n_tasks, n_tasks, n_blocks + 1]``, ≥ 0.

    Each pair has at least one zero: what the best layout does. See ``forced_scores``.
    """
    forced = forced_scores(score, costs, budget=budget)
    regret: Array = np.nanmax(forced) - forced
    return regret


def _by_enumeration(terms: Terms, limit: float | None) -> Array:
    score = terms.score
    table = enumerate_layouts(score.n_tasks, score.n_blocks)
    scores, ids = layout_scores(table, score), table.ids
    if limit is not None:
        allowed = table.costs(terms.costs) <= limit
        scores, ids = scores[allowed], ids[allowed]
    forced = np.full((score.n_tasks, score.n_tasks, score.n_blocks + 1), np.nan)
    for i, j in combinations(range(score.n_tasks), 2):
        shared = table.together[:, i, j].astype(np.uint8)[ids].sum(axis=1)
        for b in range(score.n_blocks + 1):
            here = scores[shared == b]
            if len(here):
                forced[i, j, b] = forced[j, i, b] = here.max()
    return forced


def _by_search(terms: Terms, limit: float | None) -> Array:
    score = terms.score
    forced = np.full((score.n_tasks, score.n_tasks, score.n_blocks + 1), np.nan)
    for i, j in combinations(range(score.n_tasks), 2):
        for b in range(score.n_blocks + 1):
            forced[i, j, b] = forced[j, i, b] = _best_forced(terms, i, j, b, limit)
    return forced


def _best_forced(terms: Terms, i: int, j: int, b: int, limit: float | None) -> float:
    """Return the best score with b_ij = b; every other branch point of the pair costs more than all gains."""
    bent = Terms(_forced(terms.score, i, j, b), terms.costs)
    if limit is None:
        best = Lanes(bent, np.zeros(1), np.zeros(1)).best
        return float(bent.score.constant + best[0, -1, 0])
    layout = top_choices(bent, min(limit, terms.most_expensive), 1)[0].layout
    return terms.score.score(layout) if layout.branch_points()[i, j] == b else np.nan


def _forced(score: LayoutScore, i: int, j: int, b: int) -> TabledScore:
    """Return a score that fines every group by which a pair shares fewer or more than its first b blocks."""
    # A power of two, so that scores keep their digits.
    fine = float(2.0 ** np.ceil(np.log2(4.0 * score.span + 1.0)))
    masks = np.arange(1 << score.n_tasks)
    first, second = (masks >> i & 1).astype(bool), (masks >> j & 1).astype(bool)
    fined = np.concatenate([np.tile(first != second, (b, 1)), np.tile(first & second, (score.n_blocks - b, 1))])
    return TabledScore(score.gains - fine * fined, score.constant, score.span + 2 * score.n_blocks * fine)
