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
from core.selection.budget import RELATIVE_TOLERANCE
from core.selection.choice import Choice
from core.selection.complete import layout_scores_of_draws

Array = NDArray[np.float64]
MOST_KNOWN = 1000
# How much less gain than the best a layout may have to be as good where nobody chose it, in percentage points.
USUAL_TOLERANCE = 0.2
# Rounding errors are no difference.
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class FrontCertainty:
    """Which layout is the best within every budget, in each bootstrap sample.

    What is the best changes at a few costs alone, so all budgets between two of them have one answer.

    Args:
        shares: These costs as fractions of single-task networks, rising, ``[n_changes]``.
        winners: Row of the best layout from each of these costs on, ``[n_changes, n_draws]``.
        candidates: The layouts that compete.
        complete: Whether these are all layouts, or the front alone.
        best: Score of the best layout from each of these costs on in each sample, ``[n_changes, n_draws]``.
        draws: The samples, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        weights: Of the tasks in the score, ``[n_tasks]``.
        estimator: How gains are predicted.
    """

    shares: Array
    winners: NDArray[np.int32]
    candidates: Sequence[Layout] | LayoutTable
    complete: bool
    best: Array
    draws: Array
    weights: Array
    estimator: Estimator = Estimator.PAPER

    def near(self, layout: Layout, budget: float, tolerance: float) -> float:
        """Return in which share of samples a layout has at most so much less than the best within a budget.

        Args:
            layout: Any layout of the same tasks and blocks, also one that does not compete.
            budget: As a fraction of single-task networks.
            tolerance: In percentage points of the score; 0 counts only layouts as good as the best.
        """
        change = self._change(budget)
        best = -np.inf if change < 0 else self.best[change]
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

    def share(self, layout: Layout, budget: float) -> float:
        """Return in which share of samples a layout is the best within a budget; 0 where it does not compete.

        Args:
            layout: Any layout.
            budget: As a fraction of single-task networks.
        """
        if isinstance(self.candidates, LayoutTable):
            row = self.candidates.index(layout)
        else:
            row = next((place for place, each in enumerate(self.candidates) if each == layout), -2)
        change = self._change(budget)
        return 0.0 if change < 0 else float(np.mean(self.winners[change] == row))

    def selected(self, budget: float) -> list[tuple[Layout, float]]:
        """Return every layout that is the best within a budget in some sample, with its share, most often first.

        Args:
            budget: As a fraction of single-task networks.
        """
        change = self._change(budget)
        times = Counter([] if change < 0 else self.winners[change].tolist())
        n = self.winners.shape[1]
        return [(self.candidates[row], count / n) for row, count in times.most_common()]

    def _change(self, budget: float) -> int:
        """Return the place of the last change within a budget; −1 where nothing fits."""
        return int(np.searchsorted(self.shares, budget * (1 + RELATIVE_TOLERANCE), side="right")) - 1


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
        shares, winners, best = _winners(scores, prices, n_tasks * float(costs.sum()))
        return FrontCertainty(shares, winners, table, True, best, draws, weights.values, estimator)
    layouts: list[Layout] = [choice.layout for choice in front]
    scores = np.stack([draws_of_estimates(draws, layout, estimator) @ weights.values for layout in layouts])
    prices = np.array([choice.cost for choice in front])
    shares, winners, best = _winners(scores, prices, n_tasks * float(costs.sum()))
    return FrontCertainty(shares, winners, layouts, False, best, draws, weights.values, estimator)


def _winners(scores: Array, prices: Array, whole: float) -> tuple[Array, NDArray[np.int32], Array]:
    """Return the costs at which the best layout changes in a draw, as fractions, and from each on its row and score."""
    order = np.argsort(prices, kind="stable")
    ranked = scores[order]
    # best[r, n]: the place of the best of the r + 1 cheapest layouts in draw n; of equals the cheapest.
    running = np.maximum.accumulate(ranked, axis=0)
    new = np.empty(ranked.shape, dtype=bool)
    new[0] = True
    new[1:] = ranked[1:] > running[:-1] + _TINY
    best = np.maximum.accumulate(np.where(new, np.arange(len(order), dtype=np.int32)[:, None], 0), axis=0)
    changes = np.flatnonzero(new.any(axis=1))
    winners: NDArray[np.int32] = order[best[changes]].astype(np.int32)
    return prices[order][changes] / whole, winners, running[changes]
