"""The recommendation and its reasons, in sentences computed from the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.ui.formatting import amount, layout_sentence, listed, no_interval, percent, plural, share
from core.estimators.resampling import LayoutInterval
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import affordable, best_within
from core.selection.choice import Choice

Array = NDArray[np.float64]
N_PAIRS = 3
# A smaller difference counts as none: tables are printed with one digit.
_NEGLIGIBLE = 0.05
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


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
    """The best predicted layout within a budget, with reasons.

    Args:
        view: The plane it is taken from.
        trained: Measured gains on the same plane, or None.
        budget: Fraction of single-task networks.
        place: Its index on the Pareto front.
    """

    view: BudgetView
    trained: TrainedView | None
    budget: float
    place: int

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
        """Share of bootstrap samples in which it is the best; None where the table has no spread."""
        if not self.knows_spread:
            return None
        return float(self.view.certainty.frequency[self.place])

    @property
    def knows_spread(self) -> bool:
        """Whether the table has seeds or standard errors."""
        return bool(np.ptp(self.view.draws, axis=0).max() > 0)

    @cached_property
    def options(self) -> list[Option]:
        """The recommended layout, the best without a budget, and both extremes; each layout once."""
        tasks, blocks = self.view.study.n_tasks, self.view.study.n_blocks
        named = {
            f"Recommended within {share(self.budget)}": self.layout,
            "Best without a budget": self.view.front[-1].layout,
            "Fully shared": Layout.all_shared(tasks, blocks),
            "Single-task networks": Layout.all_split(tasks, blocks),
        }
        names: dict[Layout, list[str]] = {}
        for name, layout in named.items():
            names.setdefault(layout, []).append(name)
        return [self._option(" = ".join(same), layout) for layout, same in names.items()]

    def _option(self, name: str, layout: Layout) -> Option:
        real = self.trained.figures(layout) if self.trained else None
        return Option(
            name, layout, self.view.figures(layout), self.view.cost(layout), None if real is None else real.score
        )

    @property
    def what_you_get(self) -> str:
        """Return the predicted gain and its cost in a sentence."""
        view, known = self.view, self.figures
        gain = f"{percent(known.score)} on average over the tasks"
        interval = (
            f" (90 % interval {percent(known.score_low)} to {percent(known.score_high)})" if self.knows_spread else ""
        )
        price = share(view.fraction(self.choice.cost))
        return (
            f"{gain}{interval} against single-task networks, "
            f"at {price} of the cost of {number_word(len(view.tasks))} single-task networks."
        )

    @property
    def how_sure(self) -> str:
        """Return in how many bootstrap samples it is the best, and the measured gain."""
        if self.frequency is None:
            said = f"Unknown: {no_interval(self.view.study.table)}."
        else:
            among = "all layouts" if self.view.certainty.complete else "the Pareto front"
            said = f"Selected in {share(self.frequency)} of bootstrap samples, among {among} within the budget."
        real = self.trained.figures(self.layout) if self.trained else None
        if self.trained is None or real is None:
            return said
        seeds = len(self.trained.oracle.seeds)
        over = f" ({percent(real.score_low)} to {percent(real.score_high)} over seeds)" if seeds > 1 else ""
        return (
            f"{said} Measured gain on the test split, {plural(seeds, 'other seed')}: {percent(real.score)}{over}. "
            f"{self._best_trained(real.score)}."
        )

    def _best_trained(self, reached: float) -> str:
        assert self.trained is not None
        limit = self.budget * self.view.independent
        best = max(choice.score for choice in self.trained.choices if affordable(choice.cost, limit))
        if best - reached < _NEGLIGIBLE:
            return "No trained layout within this budget is better"
        return f"The best trained layout within this budget reached {percent(best)}"

    @property
    def instead(self) -> str:
        """Return the alternatives with their gain and cost."""
        view = self.view
        shared = Layout.all_shared(len(view.tasks), view.study.n_blocks)
        parts = []
        if shared != self.layout:
            parts.append(
                f"Fully shared (hard parameter sharing): {percent(view.figures(shared).score)} "
                f"at {share(view.fraction(view.cost(shared)))} cost"
            )
        first = next((choice for choice in view.front if choice.score > _NEGLIGIBLE), None)
        best = view.front[-1]
        if first is not None and self.choice.score < 0 and first.layout != best.layout:
            parts.append(
                f"cheapest layout with a gain: {percent(first.score)} at {share(view.fraction(first.cost))} cost"
            )
        if best.layout != self.layout:
            parts.append(f"best without a budget: {percent(best.score)} at {share(view.fraction(best.cost))} cost")
        parts.append(f"single-task networks: 0 % by definition at 100 % cost ({amount(view.independent, view.unit)})")
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."

    @cached_property
    def pair_reasons(self) -> list[str]:
        """Return a sentence for each of the pairs whose gain depends most on how much they share."""
        curves = pair_curves(self.view.filled.values)
        points = self.layout.branch_points()

        def stake(pair: tuple[int, int]) -> float:
            curve = curves[pair]
            return float(np.abs(curve - curve[points[pair]]).max())

        chosen = sorted(curves, key=stake, reverse=True)[:N_PAIRS]
        chosen.sort(key=lambda pair: (-points[pair], pair))
        return [pair_sentence(pair, curves[pair], int(points[pair]), self.view.tasks) for pair in chosen]

    @property
    def sentence(self) -> str:
        """The layout in a sentence."""
        return layout_sentence(self.layout, self.view.tasks)


def recommendation(view: BudgetView, trained: TrainedView | None, budget: float) -> Recommendation | None:
    """Return the best predicted layout within a budget, or None where nothing fits.

    Args:
        view: The plane.
        trained: Measured gains on it, or None.
        budget: Fraction of single-task networks.
    """
    best = best_within(view.front, budget * view.independent)
    return None if best is None else Recommendation(view, trained, budget, list(view.front).index(best))


def number_word(value: int) -> str:
    """Return a small number as a word.

    >>> number_word(3), number_word(40)
    ('three', '40')
    """
    return _NUMBERS[value] if value < len(_NUMBERS) else str(value)


def pair_curves(values: Array) -> dict[tuple[int, int], Array]:
    """Return the mean Δ of the two tasks of each pair over the blocks they share.

    Args:
        values: P without holes, ``[n_tasks, n_tasks, n_blocks + 1]``, percent.

    Returns:
        Pair i < j → ``[n_blocks + 1]``.
    """
    return {(i, j): (values[i, j] + values[j, i]) / 2 for i, j in combinations(range(len(values)), 2)}


def pair_sentence(pair: tuple[int, int], curve: Array, shared: int, tasks: Sequence[str]) -> str:
    """Return what a pair gains by sharing its blocks, and what sharing more or fewer would give.

    Args:
        pair: The two tasks.
        curve: Mean Δ of the two over the blocks they share, ``[n_blocks + 1]``, percent.
        shared: Blocks they share in the layout.
        tasks: Task names.

    >>> pair_sentence((0, 1), np.array([0.0, 1.0, 2.1, -10.0]), 2, ["normals", "depth"])
    'normals and depth gain +2.1 % by sharing the first two blocks, and would lose 10.0 % if they shared all three.'
    """
    last = len(curve) - 1
    names = listed([tasks[task] for task in pair])
    if shared == 0:
        best = int(np.argmax(curve))
        if best == 0 or curve[best] < _NEGLIGIBLE:
            return f"{names} share nothing, and would {_verb(curve[last])} if they shared {_blocks(last, last)}."
        return (
            f"{names} share nothing here, though sharing {_blocks(best, last)} would gain them {percent(curve[best])}."
        )
    said = f"{names} {_verb(curve[shared])} by sharing {_blocks(shared, last)}"
    if shared < last:
        return f"{said}, and would {_verb(curve[last])} if they shared {_all(last)}."
    best = int(np.argmax(curve))
    if best < last and curve[best] - curve[last] >= _NEGLIGIBLE:
        less = (
            f"{_blocks(best, last)} would be better for them ({percent(curve[best])})"
            if best
            else "separate networks would be better"
        )
        return f"{said}; {less}, but fewer shared blocks cost more."
    return f"{said}; sharing fewer blocks would not be better for them."


def _verb(value: float) -> str:
    if abs(value) < _NEGLIGIBLE:
        return "break even"
    return f"gain {percent(value)}" if value > 0 else f"lose {_size(value)}"


def _size(value: float) -> str:
    return percent(abs(value)).lstrip("+")


def _all(last: int) -> str:
    return "both" if last == 2 else f"all {number_word(last)}"


def _blocks(shared: int, last: int) -> str:
    if shared == last:
        return f"{_all(last)} blocks" if last > 1 else "the one block"
    return "the first block" if shared == 1 else f"the first {number_word(shared)} blocks"
