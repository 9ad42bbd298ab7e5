"""Baseline ways to choose a layout, evaluated on the same trained layouts as the recommender."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.affinity import Similarity
from core.estimators.agreement import Correlation, agreement
from core.estimators.baselines import dissimilarity, is_grouping
from core.plane.point import affordable
from core.selection.choice import Choice, Terms
from core.studies.measured import Oracle

Array = NDArray[np.float64]

FEWEST = 3


class Method(StrEnum):
    """The method that ranks the layouts; the value is its name on pages."""

    OURS = "ours, by predicted Δ"
    WHAT_TO_SHARE = "What-to-Share"
    GROUPING = "task grouping"


@dataclass(frozen=True, eq=False)
class Baseline:
    """One way to rank trained layouts, and how well its order agrees with training.

    Args:
        method: Name of the method.
        places: The layouts it ranks, as rows of the oracle; none where it lacks a measurement.
        scores: Score that it ranks by, higher is better, ``[len(places)]``.
        spearman: Against trained weighted Δ and plain mean Δ; None with fewer than 3 layouts.
    """

    method: Method
    places: tuple[int, ...]
    scores: Array
    spearman: Correlation | None

    def within(self, budget: float, trained: Sequence[Choice], terms: Terms) -> Choice | None:
        """Return the trained layout it chooses within a budget, with its trained score; None where nothing fits.

        Args:
            budget: In the unit of the costs.
            trained: Every trained layout with its trained score and cost.
            terms: When two scores tie; then the cheaper layout is chosen.
        """
        fitting = [
            (Choice(trained[place].layout, float(score), trained[place].cost), place)
            for place, score in zip(self.places, self.scores, strict=True)
            if affordable(trained[place].cost, budget)
        ]
        if not fitting:
            return None
        return trained[min(fitting, key=lambda pair: terms.order(pair[0]))[1]]


def baselines(
    predicted: Array, ours: Correlation, oracle: Oracle, weights: Array, similarity: Similarity | None
) -> tuple[Baseline, ...]:
    """Return the recommender, What-to-Share and task grouping, each with its ranking of the trained layouts.

    What-to-Share ranks by total dissimilarity, the smallest first. Task grouping considers only layouts
    with the same partition at every block and ranks them by the recommender's prediction.

    Args:
        predicted: Predicted score of each trained layout, ``[n_layouts]``.
        ours: Spearman correlation of ``predicted`` with training.
        oracle: The trained layouts.
        weights: Weights of the score, ``[n_tasks]``.
        similarity: Similarity of the tasks after every block, or None where not measured.
    """
    everything = tuple(range(len(oracle.layouts)))
    groupings = tuple(place for place in everything if is_grouping(oracle.layouts[place]))
    found = [Baseline(Method.OURS, everything, predicted, ours if len(everything) >= FEWEST else None)]
    if similarity is None:
        found.append(Baseline(Method.WHAT_TO_SHARE, (), np.empty(0), None))
    else:
        distances = similarity.distances
        negated = np.array([-dissimilarity(layout, distances) for layout in oracle.layouts])
        found.append(_evaluated(Method.WHAT_TO_SHARE, everything, negated, oracle, weights))
    found.append(_evaluated(Method.GROUPING, groupings, predicted[list(groupings)], oracle, weights))
    return tuple(found)


def _evaluated(method: Method, places: tuple[int, ...], scores: Array, oracle: Oracle, weights: Array) -> Baseline:
    if len(places) < FEWEST:
        return Baseline(method, places, scores, None)
    found = agreement(scores, oracle.test[:, list(places)], weights, rng=np.random.default_rng(0))
    return Baseline(method, places, scores, found.spearman)
