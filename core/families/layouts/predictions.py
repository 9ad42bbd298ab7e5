"""The plane of cost against Δ for one study, one unit and one set of weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.costs import Unit, block_costs, layout_cost
from core.estimators.basis import basis_of
from core.estimators.holes import FilledTable, fill_holes
from core.estimators.prediction import Estimator, estimates
from core.estimators.resampling import LayoutInterval, Spread
from core.estimators.results_file import TrainedLayouts
from core.estimators.weights import TaskWeights, WeightRule
from core.families.layouts.gain_intervals import GainIntervals
from core.families.layouts.seed_scores import SeedTables
from core.layouts import Layout
from core.layouts.counting import count_layouts
from core.layouts.enumeration import enumerate_layouts, sample_layouts
from core.plane.point import Advice, advised, best_within
from core.selection.choice import Choice
from core.selection.front_certainty import FrontCertainty, front_certainty
from core.selection.layout_score import GainScore, score_of
from core.selection.regret import regret_map
from core.selection.search import Front, Recommendation, front, recommend
from core.studies.study import Study

Array = NDArray[np.float64]

ENUMERATED_UP_TO = 20_000
CLOUD = 1500
SAMPLE = 400  # drawing one layout at random takes milliseconds, listing all takes none


@dataclass(frozen=True, eq=False)
class BudgetView:
    """Front, cloud and certainty of one study in one unit under one set of weights."""

    study: Study
    unit: Unit
    weights: TaskWeights
    costs: Array
    filled: FilledTable
    score: GainScore
    n_layouts: int
    estimator: Estimator = Estimator.PAPER
    trained: TrainedLayouts | None = None

    @cached_property
    def found(self) -> Front:
        """The Pareto front of predictions, searched when it is first needed."""
        return front(self.score, self.costs)

    @property
    def front(self) -> Sequence[Choice]:
        """The non-dominated layouts by rising cost."""
        return self.found.choices

    @cached_property
    def pairs(self) -> Array:
        """Δ of every pair as it was measured, holes filled, whatever the estimator makes of it; like a table."""
        return self.filled.values if self.estimator is not Estimator.BAYES else fill_holes(self.study.table).values

    @property
    def tasks(self) -> tuple[str, ...]:
        """Task names."""
        return self.study.task_names

    @cached_property
    def independent(self) -> float:
        """Cost of one network per task."""
        return float(self.study.n_tasks * self.costs.sum())

    def fraction(self, cost: float) -> float:
        """Return a cost as a fraction of single-task networks."""
        return cost / self.independent if self.independent else 0.0

    def estimates(self, layout: Layout) -> Array:
        """Return the predicted Δ of every task of a layout, percent, ``[n_tasks]``."""
        return estimates(self.filled.values, layout, self.estimator)

    def cost(self, layout: Layout) -> float:
        """Return the cost of a layout in this unit."""
        return layout_cost(layout, self.costs)

    @cached_property
    def intervals(self) -> GainIntervals:
        """Predicted gains with their intervals."""
        return GainIntervals(self.study.table, self.filled, self.weights, self.estimator, self.trained)

    @cached_property
    def table_score(self) -> GainScore:
        """What the table alone predicts, without the trained layouts: what they can judge."""
        if self.trained is None:
            return self.score
        alone, _ = basis_of(self.study.table, "uniform", self.estimator)
        return score_of(alone.values, self.weights.values, self.estimator)

    @property
    def draws(self) -> Array:
        """Bootstrap tables, ``[DRAWS, n_tasks, n_tasks, n_blocks + 1]``; seeded."""
        return self.intervals.draws

    @property
    def spread(self) -> Spread:
        """What the intervals cover."""
        return self.intervals.spread

    def figures(self, layout: Layout) -> LayoutInterval:
        """Return the predicted Δ of a layout and its 90 % interval."""
        return self.intervals.of(layout)

    @property
    def by_seed(self) -> SeedTables | None:
        """The tables of the single seeds; None with fewer than two."""
        return self.intervals.by_seed

    @property
    def knows_noise(self) -> bool:
        """Whether the table has several seeds or standard errors, so that gains have intervals."""
        return self.intervals.knows_noise

    @cached_property
    def cheapest_equal(self) -> list[int]:
        """For each layout of the front, the cheapest one whose gain noise can't tell from it; itself without seeds."""
        return self.intervals.cheapest_equal([choice.layout for choice in self.front])

    def limit(self, budget: float) -> float:
        """Return a budget, given as a fraction of single-task networks, in the unit of the costs."""
        return budget * self.independent

    def recommended(self, budget: float) -> Advice | None:
        """Return what is recommended within a budget given as a fraction; None where nothing fits."""
        return advised(self.front, self.cheapest_equal, self.limit(budget))

    @cached_property
    def certainty(self) -> FrontCertainty:
        """How often each layout is the best within each budget over bootstrap samples."""
        return front_certainty(
            self.draws,
            self.weights,
            self.costs,
            self.front,
            enumerated_up_to=ENUMERATED_UP_TO,
            estimator=self.estimator,
        )

    @cached_property
    def cloud(self) -> list[Choice]:
        """The layouts behind the front: all when there are few, a seeded sample when there are many."""
        tasks, blocks = self.study.n_tasks, self.study.n_blocks
        rng = np.random.default_rng(0)
        if self.n_layouts <= ENUMERATED_UP_TO:
            table = enumerate_layouts(tasks, blocks)
            rows = range(len(table)) if len(table) <= CLOUD else rng.choice(len(table), CLOUD, replace=False).tolist()
            layouts = [table[row] for row in rows]
        else:
            layouts = sample_layouts(tasks, blocks, SAMPLE, rng)
        known = {choice.layout for choice in self.front}
        return [
            Choice(layout, self.score.score(layout), self.cost(layout)) for layout in layouts if layout not in known
        ]

    def best(self, budget: float) -> Choice | None:
        """Return the best layout within a budget in the unit of the costs; None where nothing fits."""
        return best_within(self.front, budget)

    def top(self, budget: float, k: int) -> Recommendation:
        """Return the k best layouts within a budget, in the unit of the costs.

        Raises:
            BudgetError: The cheapest layout costs more.
        """
        return recommend(self.score, self.costs, budget=budget, top=k)

    def regret(self, budget: float) -> Array:
        """Return what forcing a pair to share b blocks loses, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        return regret_map(self.score, self.costs, budget=budget)


def budget_view(study: Study, rule: WeightRule | str, unit: Unit, estimator: Estimator = Estimator.PAPER) -> BudgetView:
    """Return the plane of a study.

    Args:
        study: The study.
        rule: How tasks are weighted in the score.
        unit: Unit of cost.
        estimator: How gains are predicted.

    Raises:
        BackboneError: The backbone has no figures in this unit.
    """
    trained = trained_layouts(study) if estimator is Estimator.BAYES else None
    filled, weights = basis_of(study.table, rule, estimator, trained)
    costs = block_costs(study.backbone, unit)
    score = score_of(filled.values, weights.values, estimator)
    return BudgetView(
        study,
        unit,
        weights,
        costs,
        filled,
        score,
        count_layouts(study.n_tasks, study.n_blocks),
        estimator,
        trained,
    )


def in_unit(view: BudgetView, unit: Unit) -> BudgetView:
    """Return the plane of the same predictions in another unit of cost.

    Raises:
        BackboneError: The backbone has no figures in this unit.
    """
    costs = block_costs(view.study.backbone, unit)
    return replace(view, unit=unit, costs=costs)


def trained_layouts(study: Study) -> TrainedLayouts | None:
    """Return the gains of a study's trained layouts on the validation split, as those of its table; None without."""
    oracle = study.oracle
    return None if oracle is None else TrainedLayouts(oracle.layouts, oracle.validation)


def available_units(study: Study) -> list[Unit]:
    """Return the units in which the study's backbone has figures; compute first, since a budget is one of compute."""
    backbone = study.backbone
    known = {
        Unit.MACS: backbone.macs > 0,
        Unit.PARAMETERS: backbone.params > 0,
        Unit.BYTES: backbone.params > 0,
        Unit.LATENCY: bool(backbone.latency),
    }
    return [unit for unit, there in known.items() if there]


def differing_blocks(one: Layout, other: Layout) -> list[int]:
    """Return the blocks at which two layouts differ."""
    return [b for b, (p, q) in enumerate(zip(one.partitions, other.partitions, strict=True)) if p != q]
