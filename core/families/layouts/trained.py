"""Trained layouts, on the same plane as the predictions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.costs import Unit, block_costs, layout_cost
from core.estimators.agreement import Agreement, agreement
from core.estimators.resampling import LayoutInterval, Spread
from core.families.layouts.baselines import Baseline, Method, Ranked, baselines
from core.families.layouts.pooled_noise import PooledNoise
from core.families.layouts.predictions import BudgetView, available_units
from core.layouts import Layout
from core.plane.noise import cheapest_equal, without_harm
from core.plane.point import Advice, advised
from core.selection.choice import Choice, Terms
from core.studies.measured import Oracle

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedView:
    """Training results, next to a plane of predictions."""

    view: BudgetView
    oracle: Oracle

    @cached_property
    def means(self) -> Array:
        """Δ on the test split, mean over seeds, ``[n_layouts, n_tasks]``."""
        means: Array = self.oracle.test.mean(axis=0)
        return means

    @cached_property
    def scores(self) -> Array:
        """Weighted Δ of each trained layout, ``[n_layouts]``."""
        scores: Array = self.means @ self.view.weights.values
        return scores

    @cached_property
    def predicted(self) -> Array:
        """Predicted score of each trained layout from the table alone, ``[n_layouts]``."""
        return np.array([self.view.table_score.score(layout) for layout in self.oracle.layouts])

    @cached_property
    def choices(self) -> list[Choice]:
        """Every trained layout with its trained score."""
        return [
            Choice(layout, float(score), self.view.cost(layout))
            for layout, score in zip(self.oracle.layouts, self.scores, strict=True)
        ]

    @cached_property
    def terms(self) -> Terms:
        """When two layouts tie."""
        return Terms(self.view.score, self.view.costs)

    @cached_property
    def front(self) -> list[Choice]:
        """The non-dominated trained layouts by rising cost."""
        return self.terms.front(self.choices)

    @cached_property
    def best(self) -> Choice:
        """The trained layout that is best on the validation split, with its score on the test split."""
        scores = self.oracle.validation.mean(axis=0) @ self.view.weights.values
        return self.choices[int(np.argmax(scores))]

    @cached_property
    def agreement(self) -> Agreement:
        """How well the predictions order the trained layouts; seeded."""
        return agreement(
            self.predicted,
            self.oracle.test,
            self.view.weights.values,
            rng=np.random.default_rng(0),
            chosen_on=self.oracle.validation,
            costs=np.array([choice.cost for choice in self.choices]),
        )

    def baselines(self, affinity: Array | None = None) -> tuple[Baseline, ...]:
        """Return ways to rank the trained layouts, ours first; seeded.

        Args:
            affinity: How far apart tasks are at each block by their recombined networks, ``[n_blocks, n_tasks,
                n_tasks]``; None where these are not trained.
        """
        study, view = self.view.study, self.view
        distances = {} if affinity is None else {Method.AFFINITY: affinity}
        if study.similarity is not None:
            distances[Method.WHAT_TO_SHARE] = study.similarity.distances
        # Bytes order layouts as parameters do.
        units = [view.unit, *(unit for unit in available_units(study) if unit not in (view.unit, Unit.BYTES))]
        costs = {str(unit): block_costs(study.backbone, unit) for unit in units}
        return baselines(
            Ranked(
                self.oracle.layouts,
                self.predicted,
                self.oracle.validation,
                self.oracle.test,
                view.weights.values,
                view.table_score,
                {
                    unit: np.array([layout_cost(layout, each) for layout in self.oracle.layouts])
                    for unit, each in costs.items()
                },
                distances,
            ),
            self.agreement,
        )

    def chosen_by(self, baseline: Baseline, budget: float) -> Choice | None:
        """Return the trained layout a baseline chooses within a budget in the unit of costs, with its trained score."""
        return baseline.within(budget, self.choices, self.terms)

    def place(self, layout: Layout) -> int | None:
        """Return the row of a layout in the oracle, or None."""
        return self._places.get(layout)

    def figures(self, layout: Layout) -> LayoutInterval | None:
        """Return trained Δ with its interval, of noise pooled over layouts; None where the layout was not trained."""
        place = self.place(layout)
        if place is None:
            return None
        mean = self.means[place]
        score = float(self.scores[place])
        if not self.knows_noise:
            return LayoutInterval(mean, mean, mean, score, score, score, Spread.NONE)
        each = np.array([noise.half_widths[place] for noise in self._noise_of_tasks])
        whole = float(self._noise.half_widths[place])
        return LayoutInterval(mean, mean - each, mean + each, score, score - whole, score + whole, Spread.SEEDS)

    @property
    def knows_noise(self) -> bool:
        """Whether there are several seeds, so that measured gains have intervals."""
        return len(self.oracle.seeds) > 1

    @cached_property
    def cheapest_equal(self) -> list[int]:
        """For each layout of the front, the cheapest one whose gain noise can't tell from it; itself with one seed."""
        rows = [self._places[choice.layout] for choice in self.front]
        equal = self._noise.within_noise()[np.ix_(rows, rows)]
        means, halves = self.scores[rows], self._noise.half_widths[rows]
        return cheapest_equal(without_harm(equal, means, lambda place: float(means[place] - halves[place])))

    def half_width_between(self, one: Layout, other: Layout) -> float:
        """Return half the width of the 90 % interval of the difference of two trained gains; infinite of one seed."""
        return self._noise.between(self._places[one], self._places[other])

    def recommended(self, budget: float) -> Advice | None:
        """Return what the measured gains recommend within a budget given as a fraction; None where nothing fits."""
        return advised(self.front, self.cheapest_equal, self.view.limit(budget))

    @cached_property
    def _noise(self) -> PooledNoise:
        return PooledNoise(self.oracle.test @ self.view.weights.values)

    @cached_property
    def _noise_of_tasks(self) -> list[PooledNoise]:
        return [PooledNoise(self.oracle.test[..., task]) for task in range(self.view.study.n_tasks)]

    @cached_property
    def _places(self) -> dict[Layout, int]:
        return {layout: place for place, layout in enumerate(self.oracle.layouts)}
