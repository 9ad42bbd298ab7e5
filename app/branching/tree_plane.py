"""From affinity to the plane of cost and Δ: where the trees of the α-path stand among all layouts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimators.agreement import Correlation, agreement
from core.estimators.baselines import dissimilarity
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import best_within

Array = NDArray[np.float64]

FEWEST = 3


@dataclass(frozen=True, slots=True)
class PlacedTree:
    """A tree on the plane.

    Args:
        layout: The tree.
        share: Its cost as a fraction of single-task networks.
        predicted: Predicted gain Δ, percent.
        best: Predicted gain Δ of the best layout that costs no more.
        trained: Measured gain Δ, or None where it was not trained.
    """

    layout: Layout
    share: float
    predicted: float
    best: float
    trained: float | None


def placed_trees(view: BudgetView, trained: TrainedView | None, layouts: Sequence[Layout]) -> list[PlacedTree]:
    """Return where trees stand on the plane of a study."""
    found = []
    for layout in layouts:
        cost = view.cost(layout)
        best = best_within(view.front, cost)
        real = None if trained is None else trained.figures(layout)
        predicted = view.score.score(layout)
        found.append(
            PlacedTree(
                layout,
                view.fraction(cost),
                predicted,
                predicted if best is None else best.score,
                None if real is None else real.score,
            )
        )
    return found


def clustering_agreement(trained: TrainedView, distances: Array) -> Correlation | None:
    """Return how well total dissimilarity alone, the smallest first, orders the trained layouts.

    Args:
        trained: What training gave.
        distances: ``[n_blocks, n_tasks, n_tasks]``.

    Returns:
        Spearman's correlation, or None with fewer than 3 layouts.

    Reference:
        Branched Multi-Task Networks, §3.3 with α = 0: What-to-Share's ranking.
    """
    oracle = trained.oracle
    if len(oracle.layouts) < FEWEST:
        return None
    alike = np.array([-dissimilarity(layout, distances) for layout in oracle.layouts])
    weights = trained.view.weights.values
    return agreement(alike, oracle.test, weights, rng=np.random.default_rng(0)).spearman
