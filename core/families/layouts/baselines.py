"""Baseline ways to choose a layout, evaluated on the same trained layouts as the recommender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.estimators.agreement import DIGITS, Agreement, Correlation, Estimate, rank_correlations
from core.estimators.baselines import dissimilarity, is_grouping
from core.estimators.halves import Regret, regret_of
from core.layouts import Layout
from core.plane.point import affordable
from core.selection.choice import Choice, Terms
from core.selection.greedy import greedy_cuts
from core.selection.layout_score import GainScore

Array = NDArray[np.float64]

FEWEST = 3
# A random order correlates by chance alone: standard deviations that hold 90 % of such correlations.
_NORMAL_90 = 1.6448536269514722


class Method(StrEnum):
    """The method that ranks the layouts; the value is its name on pages."""

    OURS = "predicted gain"
    LOW_COST = "low cost"
    RANDOM = "random layout"
    GREEDY = "greedy cuts"
    AFFINITY = "affinity"
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
        strata: The same within layouts of similar cost; None where the method ranks by cost or ranks few.
        regret: What its first choice loses against the best trained layout; None where it ranks none.
        unit: Of cost, where the method ranks by it.
    """

    method: Method
    places: tuple[int, ...]
    scores: Array
    spearman: Correlation | None = None
    strata: Correlation | None = None
    regret: Regret | None = None
    unit: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.method} ({self.unit})" if self.unit else self.method.value

    def within(self, budget: float, trained: Sequence[Choice], terms: Terms) -> Choice | None:
        """Return the trained layout it chooses within a budget, with its trained score; None where nothing fits.

        Args:
            budget: In the unit of the costs.
            trained: Every trained layout with its trained score and cost.
            terms: When two scores tie; then the cheaper layout is chosen.
        """
        if self.method is Method.RANDOM:
            return None
        fitting = [
            (Choice(trained[place].layout, float(score), trained[place].cost), place)
            for place, score in zip(self.places, self.scores, strict=True)
            if affordable(trained[place].cost, budget)
        ]
        if not fitting:
            return None
        return trained[min(fitting, key=lambda pair: terms.order(pair[0]))[1]]


@dataclass(frozen=True, eq=False)
class Ranked:
    """Trained layouts that ways to choose are compared on.

    Args:
        layouts: The trained layouts.
        predicted: Predicted score of each, ``[n_layouts]``.
        validation: Δ where the best is chosen, ``[n_seeds, n_layouts, n_tasks]``, percent.
        test: Δ where layouts are judged, same shape.
        weights: Of the tasks in the score, ``[n_tasks]``.
        score: What a search maximises.
        costs: Unit → cost of each layout, ``[n_layouts]``; the first is that of the strata.
        distances: Affinity or What-to-Share → how far apart tasks are at each block, ``[n_blocks, n_tasks, n_tasks]``;
            those that are not measured are left out.
    """

    layouts: Sequence[Layout]
    predicted: Array
    validation: Array
    test: Array
    weights: Array
    score: GainScore
    costs: Mapping[str, Array]
    distances: Mapping[Method, Array] = field(default_factory=dict)

    @property
    def everything(self) -> tuple[int, ...]:
        """Every row."""
        return tuple(range(len(self.layouts)))

    @property
    def strata_by(self) -> Array:
        """The costs that strata are formed by."""
        return next(iter(self.costs.values()))


def baselines(case: Ranked, ours: Agreement) -> tuple[Baseline, ...]:
    """Return the recommender and what it has to be better than, each with its ranking of the trained layouts.

    *Low cost* ranks the cheapest first, in each unit. *Greedy cuts* knows only the layouts on its way from fully
    shared to single-task networks, each the cut of the one before that predicts the most. *Affinity* and
    *What-to-Share* rank by total dissimilarity, the smallest first. *Task grouping* considers only layouts with the
    same partition at every block. The last and greedy cuts rank by the predicted gain.

    Args:
        case: The trained layouts.
        ours: How the predictions agree with them.
    """
    few = len(case.layouts) < FEWEST
    found = [
        Baseline(
            Method.OURS,
            case.everything,
            case.predicted,
            None if few else ours.spearman,
            None if few else ours.strata,
            ours.regret,
        )
    ]
    found += [
        _evaluated(case, Method.LOW_COST, case.everything, -costs, unit=unit) for unit, costs in case.costs.items()
    ]
    found.append(_random(case))
    rows = {layout: row for row, layout in enumerate(case.layouts)}
    path = tuple(rows[layout] for layout in greedy_cuts(case.score) if layout in rows)
    found.append(_evaluated(case, Method.GREEDY, path, case.predicted[list(path)]))
    for method in (Method.AFFINITY, Method.WHAT_TO_SHARE):
        distances = case.distances.get(method)
        if distances is None:
            found.append(Baseline(method, (), np.empty(0)))
        else:
            alike = np.array([-dissimilarity(layout, distances) for layout in case.layouts])
            found.append(_evaluated(case, method, case.everything, alike))
    groupings = tuple(row for row in case.everything if is_grouping(case.layouts[row]))
    found.append(_evaluated(case, Method.GROUPING, groupings, case.predicted[list(groupings)]))
    return tuple(found)


def _evaluated(case: Ranked, method: Method, places: tuple[int, ...], scores: Array, *, unit: str = "") -> Baseline:
    if not places:
        return Baseline(method, places, scores, unit=unit)
    rows = list(places)
    # Of layouts that tie the cheapest is chosen, as where a budget is given.
    first = rows[int(np.lexsort((case.strata_by[rows], -scores.round(DIGITS)))[0])]
    rng = np.random.default_rng(0)
    regret = regret_of([first], case.validation @ case.weights, case.test @ case.weights, rng)
    if len(places) < FEWEST:
        return Baseline(method, places, scores, regret=regret, unit=unit)
    spearman, strata = rank_correlations(scores, case.test[:, rows], case.weights, rng=rng, costs=case.strata_by[rows])
    by_itself = method is Method.LOW_COST or strata.weighted.value is None
    return Baseline(method, places, scores, spearman, None if by_itself else strata, regret, unit)


def _random(case: Ranked) -> Baseline:
    """Return what choosing any layout with the same probability gives, and how well random orders agree by chance."""
    n = len(case.layouts)
    regret = regret_of(
        np.full(n, 1 / n), case.validation @ case.weights, case.test @ case.weights, np.random.default_rng(0)
    )
    spearman = None
    if n >= FEWEST:
        # The variance of Spearman's correlation of two independent orders is 1 / (n − 1).
        chance = min(_NORMAL_90 / float(np.sqrt(n - 1)), 1.0)
        spearman = Correlation(Estimate(0.0, -chance, chance), Estimate(0.0, -chance, chance))
    return Baseline(Method.RANDOM, case.everything, np.zeros(n), spearman, None, regret)
