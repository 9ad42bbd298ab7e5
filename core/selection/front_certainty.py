"""How sure a recommendation is: how often each layout is the best within a budget over bootstrap samples."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.estimators.prediction import Estimator, draws_of_estimates
from core.estimators.weights import TaskWeights
from core.layouts import Layout, LayoutTable
from core.layouts.counting import count_layouts
from core.layouts.enumeration import enumerate_layouts
from core.selection.budget import percent_fraction
from core.selection.choice import Choice
from core.selection.complete import layout_scores_of_draws

Array = NDArray[np.float64]
PERCENTS = 100
MOST_KNOWN = 1000
# How much less gain than the best a layout may have to be as good where nobody chose it, in percentage points.
USUAL_TOLERANCE = 0.2
# Rounding errors are no difference.
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class FrontCertainty:
    """Which layout is the best within every budget of whole percents, in each bootstrap sample.

    Args:
        winners: Row of the best layout within 1 … 100 % of single-task networks, ``[100, n_draws]``; −1 where
            nothing fits.
        candidates: The layouts that compete.
        complete: Whether these are all layouts, or the front alone.
        best: Score of the best layout within each budget in each sample, ``[100, n_draws]``; −∞ where nothing fits.
        draws: The samples, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        weights: Of the tasks in the score, ``[n_tasks]``.
        estimator: How gains are predicted.
    """

    winners: NDArray[np.int32]
    candidates: Sequence[Layout] | LayoutTable
    complete: bool
    best: Array
    draws: Array
    weights: Array
    estimator: Estimator = Estimator.PAPER

    def near(self, layout: Layout, percent: int, tolerance: float) -> float:
        """Return in which share of samples a layout has at most so much less than the best within a budget.

        Args:
            layout: Any layout of the same tasks and blocks, also one that does not compete.
            percent: The budget, in percent of single-task networks.
            tolerance: In percentage points of the score; 0 counts only layouts as good as the best.
        """
        best = self.best[min(max(percent, 1), PERCENTS) - 1]
        return float(np.mean(self._scores(layout) >= best - tolerance - _TINY))

    def _scores(self, layout: Layout) -> Array:
        """Return the score of a layout in each sample, ``[n_draws]``."""
        found = self._known.get(layout)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[layout] = draws_of_estimates(self.draws, layout, self.estimator) @ self.weights
        return found

    @cached_property
    def _known(self) -> dict[Layout, Array]:
        """Scores that were requested: moving the budget asks for the same few."""
        return {}

    def share(self, layout: Layout, percent: int) -> float:
        """Return in which share of samples a layout is the best within a budget; 0 where it does not compete."""
        if isinstance(self.candidates, LayoutTable):
            row = self.candidates.index(layout)
        else:
            row = next((place for place, each in enumerate(self.candidates) if each == layout), -2)
        return float(np.mean(self._row(percent) == row))

    def selected(self, percent: int) -> list[tuple[Layout, float]]:
        """Return every layout that is the best within a budget in some sample, with its share, most often first."""
        times = Counter(self._row(percent).tolist())
        times.pop(-1, None)
        n = self.winners.shape[1]
        return [(self.candidates[row], count / n) for row, count in times.most_common()]

    def _row(self, percent: int) -> NDArray[np.int32]:
        row: NDArray[np.int32] = self.winners[min(max(percent, 1), PERCENTS) - 1]
        return row


def front_certainty(
    draws: Array,
    weights: TaskWeights,
    costs: Array,
    front: Sequence[Choice],
    *,
    enumerated_up_to: int,
    estimator: Estimator = Estimator.PAPER,
) -> FrontCertainty:
    """Return which layout is the best within each budget, in each of the resampled tables.

    The weights stay what they are in every resampled table: the question is whether the
    measurements support the choice, not whether another question would be better.

    Args:
        draws: Redrawn tables, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        weights: Weights of the score.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        front: Non-dominated layouts by rising cost.
        enumerated_up_to: With more layouts than this, only those on the front compete.
        estimator: How gains are predicted.
    """
    n_tasks, n_blocks = draws.shape[1], draws.shape[3] - 1
    complete = count_layouts(n_tasks, n_blocks) <= enumerated_up_to
    if complete:
        table = enumerate_layouts(n_tasks, n_blocks)
        scores = layout_scores_of_draws(table, draws, np.broadcast_to(weights.values, (len(draws), n_tasks)), estimator)
        prices = table.costs(costs)
        winners, best = _winners(scores, prices, n_tasks * float(costs.sum()))
        return FrontCertainty(winners, table, True, best, draws, weights.values, estimator)
    layouts: list[Layout] = [choice.layout for choice in front]
    scores = np.stack([draws_of_estimates(draws, layout, estimator) @ weights.values for layout in layouts])
    prices = np.array([choice.cost for choice in front])
    winners, best = _winners(scores, prices, n_tasks * float(costs.sum()))
    return FrontCertainty(winners, layouts, False, best, draws, weights.values, estimator)


def _winners(scores: Array, prices: Array, whole: float) -> tuple[NDArray[np.int32], Array]:
    """Return the row of the best layout within each budget in each draw, and its score, ``[100, n_draws]``."""
    order = np.argsort(prices, kind="stable")
    ranked = scores[order]
    # best[r, n]: the place of the best of the r + 1 cheapest layouts in draw n; of equals the cheapest.
    running = np.maximum.accumulate(ranked, axis=0)
    new = np.empty(ranked.shape, dtype=bool)
    new[0] = True
    new[1:] = ranked[1:] > running[:-1] + _TINY
    best = np.maximum.accumulate(np.where(new, np.arange(len(order), dtype=np.int32)[:, None], 0), axis=0)
    limits = np.array([percent_fraction(percent) for percent in range(1, PERCENTS + 1)]) * whole
    last = np.searchsorted(prices[order], limits * (1 + 1e-9), side="right") - 1
    found = order[best[np.maximum(last, 0)]]
    fits = last[:, None] >= 0
    winners: NDArray[np.int32] = np.where(fits, found, -1).astype(np.int32)
    reached: Array = np.where(fits, running[np.maximum(last, 0)], -np.inf)
    return winners, reached
