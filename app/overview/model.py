"""The recommendation and its reasons, in sentences computed from the numbers."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from app.overview.pair_words import NEGLIGIBLE, pair_curves, pair_holes, pair_sentence
from app.plane.basis import predicted_basis, weights_sentence
from app.plane.confidence import (
    CHEAPEST_OF_ALL,
    ZERO_INSIDE,
    caution,
    few_seeds,
    is_zero_inside,
    near_words,
    not_told_apart,
    samples_word,
    short_confidence,
)
from app.ui.formatting import (
    MORE_SEEDS,
    ONE_SEED,
    WITHOUT_INTERVALS,
    amount,
    budget_share,
    compared,
    cost_share,
    count,
    listed,
    no_interval,
    number_word,
    percent,
    plural,
    share,
)
from app.ui.layout_words import layout_sentence
from core.estimators.resampling import LayoutInterval
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import Advice, affordable
from core.selection.choice import Choice

Array = NDArray[np.float64]
N_PAIRS = 3
# Below as many seeds the spread of measured gains is hardly known.
FEW_MEASURED = 3


@dataclass(frozen=True, slots=True)
class Option:
    """One way to build the network: the recommended layout or an alternative.

    Args:
        name: What the screen calls it.
        layout: The layout.
        figures: Predicted gain Δ with its interval.
        cost: Cost in the unit of the view.
        trained: Measured gain Δ, weighted; None where it was not trained.
    """

    name: str
    layout: Layout
    figures: LayoutInterval
    cost: float
    trained: float | None


@dataclass(frozen=True, eq=False)
class Recommendation:
    """The recommended layout within a budget, with reasons.

    Args:
        view: The plane it is taken from.
        trained: Measured gains on the same plane, or None.
        budget: Fraction of single-task networks.
        advice: What is recommended on the Pareto front, and what is the best there.
        tolerance: How much less gain than the best is as good, in percentage points.
    """

    view: BudgetView
    trained: TrainedView | None
    budget: float
    advice: Advice
    tolerance: float = 0.0

    @property
    def place(self) -> int:
        """Its index on the Pareto front."""
        return self.advice.place

    @property
    def choice(self) -> Choice:
        """The layout with its score and cost."""
        return self.view.front[self.place]

    @property
    def layout(self) -> Layout:
        """The layout."""
        return self.choice.layout

    @cached_property
    def figures(self) -> LayoutInterval:
        """Its predicted gain Δ with the 90 % interval."""
        return self.view.figures(self.layout)

    @cached_property
    def frequency(self) -> float | None:
        """Share of bootstrap samples in which it is the best within the budget; None where that is unknown."""
        if not self.knows_spread:
            return None
        return self.view.certainty.share(self.layout, self.budget)

    @cached_property
    def near(self) -> float | None:
        """Share of bootstrap samples in which it lacks no more than the tolerance; None where that is unknown."""
        if not self.knows_spread:
            return None
        return self.view.certainty.near(self.layout, self.budget, self.tolerance)

    @cached_property
    def confidence(self) -> tuple[str, str]:
        """The confidence in it, and what that means, in words."""
        if not self.knows_spread:
            return "–", WITHOUT_INTERVALS
        return short_confidence(self.view, self.layout, self.budget, self.tolerance, is_cheaper=self.advice.is_cheaper)

    @property
    def knows_spread(self) -> bool:
        """Whether the table has seeds or standard errors."""
        return self.view.knows_noise

    @property
    def basis(self) -> str:
        """Which weighting, split and seeds the predicted gains are of."""
        return predicted_basis(self.view)

    @property
    def interval(self) -> str:
        """The 90 % interval of its predicted gain, or why there is none."""
        return interval_words(self.figures, no_interval(self.view.study.table))

    @cached_property
    def options(self) -> list[Option]:
        """The recommended layout, the best without a budget, and both extremes; each layout once."""
        tasks, blocks = self.view.study.n_tasks, self.view.study.n_blocks
        within, whole = self.view.front[self.advice.best].layout, self.view.front[-1].layout
        named = {
            "Recommended": self.layout,
            # What is the best at any cost is so within the budget.
            **({} if within == whole else {f"Best in {budget_share(self.budget)}": within}),
            "Best at any cost": whole,
            "Fully shared": Layout.all_shared(tasks, blocks),
            "Single-task": Layout.all_split(tasks, blocks),
        }
        names: dict[Layout, list[str]] = {}
        for name, layout in named.items():
            names.setdefault(layout, []).append(name)
        return [self._option(", ".join(same), layout) for layout, same in names.items()]

    def _option(self, name: str, layout: Layout) -> Option:
        real = self.trained.figures(layout) if self.trained else None
        return Option(
            name, layout, self.view.figures(layout), self.view.cost(layout), None if real is None else real.score
        )

    @property
    def what_you_get(self) -> str:
        """Return the predicted gain and its cost in a sentence."""
        view = self.view
        # Why there is none stands beside the gain.
        interval = f"90 % interval {self.interval}; " if self.figures.has_interval else ""
        price = cost_share(view.fraction(self.choice.cost))
        doubt = f" {ZERO_INSIDE}" if is_zero_inside(self.figures) else ""
        return (
            f"{percent(self.figures.score)} against single-task networks ({interval}mean over tasks with "
            f"{self.basis}), at {price} of the cost of {number_word(len(view.tasks))} single-task networks.{doubt} "
            f"{weights_sentence(view)}"
        ).rstrip()

    @property
    def why_not_best(self) -> str:
        """Return why a cheaper layout than the best predicted one is recommended; empty where it is the best."""
        if not self.advice.is_cheaper:
            return ""
        best = self.view.front[self.advice.best]
        better, this, apart = compared(best.score, self.choice.score)
        half = self.view.intervals.half_width_between(best.layout, self.layout)
        return (
            f"The best predicted layout within the budget has {better} at {cost_share(self.view.fraction(best.cost))} "
            f"cost, this one {this}: {not_told_apart(apart, half)}.{'' if self.place else f' {CHEAPEST_OF_ALL}'}"
        )

    @property
    def how_sure(self) -> str:
        """Return in how many samples it is the best or nearly so, and the measured gain."""
        said = self._chances
        real = self.trained.figures(self.layout) if self.trained else None
        if self.trained is None or real is None:
            return f"{said} {self._why_not_measured}".rstrip()
        n = len(self.trained.oracle.seeds)
        seeds = "of one seed" if n == 1 else f"the mean over {number_word(n)} seeds"
        interval = interval_words(real, ONE_SEED)
        n_trained = len(self.trained.oracle.layouts)
        pooled = f", noise pooled over {count(n_trained)} layouts" if n_trained > 1 else ""
        few = f", from only {plural(n, 'seed')}{pooled}" if n < FEW_MEASURED else pooled
        interval = f"90 % interval {interval}{few}" if real.has_interval else interval
        # Other seeds than those of the table, yet what they gave on the validation split may be in the prediction.
        those = "that seed" if n == 1 else "those seeds"
        learned = (
            f" The prediction has learned from what {those} gave on the validation split." if self.view.trained else ""
        )
        return (
            f"{said} Measured gain with the same weights: {percent(real.score)} ({interval}). It is {seeds} other than "
            f"the table's, on the test split.{learned} {self._best_trained(real.score)}."
        )

    @property
    def _chances(self) -> str:
        if self.frequency is None:
            return f"{WITHOUT_INTERVALS.capitalize()}. {MORE_SEEDS}"
        view, samples = self.view, samples_word(self.view)
        among = "all layouts" if view.certainty.complete else "the Pareto front"
        best = f"the best of {among} within the budget in {share(self.frequency)} of {samples}"
        said = f"It is {best}"
        if self.advice.is_cheaper:
            said = f"Noise can't tell it from the best predicted layout; it is {best}"
        if near := near_words(view, self.layout, self.budget, self.tolerance):
            said += f", and {near}"
        few = few_seeds(view)
        doubt = f"{few.capitalize()}: how much seeds differ is assumed, not seen." if few else caution(view)
        return f"{said}. {doubt}".rstrip()

    @property
    def _why_not_measured(self) -> str:
        """Return why a layout of a study has no measured gain; empty where nothing is ever trained."""
        if self.view.study.specification is None:
            return ""
        if zero := [quality.task.name for quality in self.view.study.quality.get("test", ()) if quality.zero]:
            return f"No measured gain: it is left out where a single-task value of {listed(zero)} is 0."
        return (
            "No measured gain: a requested layout has one when it and the single-task networks of its seed are trained."
        )

    def _best_trained(self, reached: float) -> str:
        assert self.trained is not None
        limit = self.view.limit(self.budget)
        scores = [choice.score for choice in self.trained.choices if affordable(choice.cost, limit)]
        best, others = max(scores), len(scores) - 1
        if others == 0:
            return "It is the only layout trained within this budget, so nothing is known of others"
        if best - reached < NEGLIGIBLE:
            return (
                "The one other layout trained within this budget is not better"
                if others == 1
                else f"None of the {number_word(others)} other layouts trained within this budget is better"
            )
        return (
            f"The best trained layout within this budget reached {percent(best)} (chosen and reported on the same "
            "split, so it is biased upwards)"
        )

    @property
    def instead(self) -> str:
        """Return the alternatives with their gain and cost."""
        view = self.view
        shared = Layout.all_shared(len(view.tasks), view.study.n_blocks)
        parts = []
        if shared != self.layout:
            parts.append(
                f"Fully shared (hard parameter sharing): {percent(view.figures(shared).score)} "
                f"at {cost_share(view.fraction(view.cost(shared)))} cost"
            )
        first = next((choice for choice in view.front if choice.score > NEGLIGIBLE), None)
        best = view.front[-1]
        if first is not None and self.choice.score < 0 and first.layout != best.layout:
            parts.append(
                f"cheapest layout with a gain: {percent(first.score)} at {cost_share(view.fraction(first.cost))} cost"
            )
        if best.layout != self.layout:
            parts.append(f"best without a budget: {percent(best.score)} at {cost_share(view.fraction(best.cost))} cost")
        parts.append(f"single-task networks: 0 % by definition at 100 % cost ({amount(view.independent, view.unit)})")
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."

    @cached_property
    def pair_reasons(self) -> list[str]:
        """Return a sentence for each of the pairs whose gain depends most on how much they share."""
        curves, holes = pair_curves(self.view.pairs), pair_holes(self.view.study.table.holes)
        points = self.layout.branch_points()

        def stake(pair: tuple[int, int]) -> float:
            curve = curves[pair]
            return float(np.abs(curve - curve[points[pair]]).max())

        chosen = sorted(curves, key=stake, reverse=True)[:N_PAIRS]
        chosen.sort(key=lambda pair: (-points[pair], pair))
        return [pair_sentence(pair, curves[pair], int(points[pair]), self.view.tasks, holes[pair]) for pair in chosen]

    @property
    def sentence(self) -> str:
        """The layout in a sentence."""
        return layout_sentence(self.layout, self.view.tasks)


@lru_cache(maxsize=128)
def recommendation(
    view: BudgetView, trained: TrainedView | None, budget: float, tolerance: float = 0.0
) -> Recommendation | None:
    """Return what is recommended within a budget, or None where nothing fits.

    Args:
        view: The plane.
        trained: Measured gains on it, or None.
        budget: Fraction of single-task networks.
        tolerance: How much less gain than the best is as good, in percentage points.
    """
    advice = view.recommended(budget)
    return None if advice is None else Recommendation(view, trained, budget, advice, tolerance)


def interval_words(known: LayoutInterval, otherwise: str) -> str:
    """Return the interval of a gain in words.

    Args:
        known: The gain.
        otherwise: Why there is none.
    """
    return f"{percent(known.score_low)} to {percent(known.score_high)}" if known.has_interval else otherwise
