"""How sure the front is: how often each of its layouts stays the best when the table is redrawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimators.prediction import draws_of_estimates
from core.estimators.weights import TaskWeights
from core.layouts import Layout
from core.layouts.counting import count_layouts
from core.layouts.enumeration import enumerate_layouts
from core.selection.choice import Choice
from core.selection.complete import layout_scores_of_draws

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FrontCertainty:
    """How often each layout of a front is the best of its budgets.

    Args:
        frequency: Share of bootstrap samples in which the layout is best, ``[n_front]``, evaluated at
            the largest budget for which the front recommends it.
        n_candidates: Number of layouts it competed with, itself included.
        complete: Whether these were all layouts, or the front alone.
    """

    frequency: Array
    n_candidates: int
    complete: bool


def front_certainty(
    draws: Array, weights: TaskWeights, costs: Array, front: Sequence[Choice], *, enumerated_up_to: int
) -> FrontCertainty:
    """Return how often each layout of ``front`` is the best within its budgets.

    The weights stay what they are in every redrawn table: the question is whether the
    measurements support the choice, not whether another question would be better.

    Args:
        draws: Redrawn tables, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        weights: Weights of the score.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        front: Non-dominated layouts by rising cost.
        enumerated_up_to: With more layouts than this, only those on the front compete.
    """
    n_tasks, n_blocks = draws.shape[1], draws.shape[3] - 1
    complete = count_layouts(n_tasks, n_blocks) <= enumerated_up_to
    if complete:
        table = enumerate_layouts(n_tasks, n_blocks)
        scores = layout_scores_of_draws(table, draws, np.broadcast_to(weights.values, (len(draws), n_tasks)))
        prices = table.costs(costs)
        places = np.array([table.index(choice.layout) for choice in front])
    else:
        layouts: list[Layout] = [choice.layout for choice in front]
        scores = np.stack([draws_of_estimates(draws, layout) @ weights.values for layout in layouts])
        prices, places = np.array([choice.cost for choice in front]), np.arange(len(front))
    return FrontCertainty(_frequency(scores, prices, places), len(prices), complete)


def _frequency(scores: Array, prices: Array, places: NDArray[np.integer]) -> Array:
    order = np.argsort(prices, kind="stable")
    ranked = scores[order]
    # best[r, n]: the place of the best of the r + 1 cheapest layouts in draw n.
    running = np.maximum.accumulate(ranked, axis=0)
    new = np.empty(ranked.shape, dtype=bool)
    new[0] = True
    new[1:] = ranked[1:] > running[:-1]
    best = np.maximum.accumulate(np.where(new, np.arange(len(order))[:, None], 0), axis=0)
    sorted_prices = prices[order]
    limits = [*prices[places[1:]].tolist(), np.inf]
    frequency = np.empty(len(places))
    for index, (place, limit) in enumerate(zip(places, limits, strict=True)):
        below = limit * (1 - 1e-9) if np.isfinite(limit) else limit
        last = int(np.searchsorted(sorted_prices, below, side="left")) - 1
        last = max(last, int(np.flatnonzero(order == place)[0]))
        frequency[index] = float(np.mean(order[best[last]] == place))
    return frequency
