"""Predicted gains of layouts with their intervals, from one table and one set of weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.estimators.holes import FilledTable
from core.estimators.layout_posterior import layout_posterior
from core.estimators.prediction import Estimator, draws_of_estimates, estimates, shares
from core.estimators.resampling import LayoutInterval, Spread, interval_of_draws, resampled_values, spread_of
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import TwoTaskTable
from core.estimators.weights import TaskWeights
from core.families.layouts.seed_scores import SeedTables
from core.layouts import Layout
from core.plane.interval import LEVEL
from core.plane.noise import cheapest_equal, without_harm
from core.plane.point import Advice, advised
from core.selection.choice import Choice

Array = NDArray[np.float64]

DRAWS = 300
MAX_INTERVALS = 1000


@dataclass(frozen=True, eq=False)
class GainIntervals:
    """What a table predicts of layouts, and how sure that is.

    Args:
        table: As it was measured, with its holes.
        filled: The same with its holes filled.
        weights: Of the score.
        estimator: How gains are predicted from the table.
        trained: Layouts that were trained, as ``filled`` has taken them in; only ``bayes`` learns from them.
    """

    table: TwoTaskTable
    filled: FilledTable
    weights: TaskWeights
    estimator: Estimator = Estimator.PAPER
    trained: TrainedLayouts | None = None

    @property
    def spread(self) -> Spread:
        """What the intervals cover."""
        if self.estimator is not Estimator.BAYES:
            return spread_of(self.table)
        return Spread.POSTERIOR if self.trained is None else Spread.TRAINED

    @property
    def knows_noise(self) -> bool:
        """Whether the table says anything of its noise: seeds, or standard errors."""
        return self.spread.is_noise

    def advised(self, front: Sequence[Choice], limit: float) -> Advice | None:
        """Return what a Pareto front recommends within a budget; None where nothing fits or noise is not known.

        Args:
            front: By rising cost.
            limit: In the unit of the costs.
        """
        if not self.knows_noise:
            return None
        return advised(front, self.cheapest_equal([choice.layout for choice in front]), limit)

    @cached_property
    def draws(self) -> Array:
        """Bootstrap tables, or draws of the posterior, ``[DRAWS, n_tasks, n_tasks, n_blocks + 1]``; seeded."""
        if self._posterior is not None:
            return self._posterior[0]
        return resampled_values(self.table, DRAWS, np.random.default_rng(0))

    @cached_property
    def by_seed(self) -> SeedTables | None:
        """The tables of the single seeds; None with fewer than two."""
        return SeedTables.of(self.filled, self.estimator) if self.spread is Spread.SEEDS else None

    def of(self, layout: Layout) -> LayoutInterval:
        """Return the predicted Δ of a layout and its 90 % interval: Student's over seeds where there are seeds."""
        found = self._known.get(layout)
        if found is None:
            if len(self._known) >= MAX_INTERVALS:
                self._known.clear()
            found = self._known[layout] = self._computed(layout)
        return found

    def cheapest_equal(self, layouts: Sequence[Layout]) -> list[int]:
        """Return for each layout the cheapest one whose gain noise can't tell from it; itself where noise is unknown.

        One that may well lose does not stand for one that is predicted no worse than single-task networks.

        Args:
            layouts: By rising cost, as on a front.
        """
        if self.by_seed is not None:
            equal = self.by_seed.within_noise(layouts, self.weights.values)
        elif self.spread.is_drawn:
            equal = self._within_noise_of_draws(layouts)
        else:
            return list(range(len(layouts)))
        scores = np.array(
            [estimates(self.filled.values, layout, self.estimator) @ self.weights.values for layout in layouts]
        )
        return cheapest_equal(without_harm(equal, scores, lambda place: self.of(layouts[place]).score_low))

    def half_width_between(self, one: Layout, other: Layout) -> float:
        """Return half the width of the 90 % interval of the difference of two gains; infinite where it is unknown."""
        if self.by_seed is not None:
            return self.by_seed.half_width_between(one, other, self.weights.values)
        if not self.spread.is_drawn:
            return float("inf")
        scores = [draws_of_estimates(self.draws, each, self.estimator) @ self.weights.values for each in (one, other)]
        low, high = np.quantile(scores[0] - scores[1], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(high - low) / 2

    def _within_noise_of_draws(self, layouts: Sequence[Layout]) -> NDArray[np.bool_]:
        scores = np.stack(
            [draws_of_estimates(self.draws, layout, self.estimator) @ self.weights.values for layout in layouts]
        )
        tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
        equal = np.eye(len(layouts), dtype=bool)
        for row in range(1, len(layouts)):
            low, high = np.quantile(scores[row] - scores[:row], tails, axis=1)
            equal[row, :row] = (low <= 0) & (high >= 0)
        return equal

    def _computed(self, layout: Layout) -> LayoutInterval:
        if self.spread.is_drawn:
            return interval_of_draws(
                self.filled.values,
                self.draws,
                layout,
                self.weights,
                self.spread,
                estimator=self.estimator,
                noise=self._noise_of(layout),
            )
        centre = estimates(self.filled.values, layout, self.estimator)
        score = float(centre @ self.weights.values)
        half = self.by_seed.half_widths(layout, self.weights.values) if self.by_seed else None
        if half is None:
            return LayoutInterval(centre, centre, centre, score, score, score, Spread.NONE)
        each, whole = half
        return LayoutInterval(centre, centre - each, centre + each, score, score - whole, score + whole, Spread.SEEDS)

    def _noise_of(self, layout: Layout) -> Array | None:
        """Return what new seeds add to Δ of each task in each draw; nothing where it is the single-task network."""
        if self._posterior is None:
            return None
        counted = shares(layout.branch_points(), layout.n_blocks, self.estimator) != 0
        stderr = self.filled.stderr
        differs = (counted & (stderr > 1e-3 * stderr.max())).any(axis=(1, 2))
        found: Array = self._posterior[1] * differs
        return found

    @cached_property
    def _posterior(self) -> tuple[Array, Array] | None:
        """Draws of the true gains, and of the noise of new seeds; None for other estimators."""
        if self.estimator is not Estimator.BAYES:
            return None
        return layout_posterior(self.table, self.trained).draws(DRAWS, np.random.default_rng(0))

    @cached_property
    def _known(self) -> dict[Layout, LayoutInterval]:
        """Those that were requested: every rerun of a page shows the same few."""
        return {}
