"""How sure a recommendation is: how often each layout is best when the table is redrawn."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.estimators import (
    Spread,
    TaskWeights,
    TwoTaskTable,
    WeightRule,
    fill_holes,
    resampled_values,
    spread_of,
    task_weights,
    weights_of,
)
from core.layouts import Layout, LayoutTable, count_layouts, enumerate_layouts
from core.selection.budget import Budget, inclusive
from core.selection.choice import Terms
from core.selection.complete import layout_scores_of_draws
from core.selection.exact import best_layouts
from core.selection.pairwise import PairwiseScore

Array = NDArray[np.float64]
# Up to so many additions it is faster to score every layout under every table than to search.
MOST_ADDITIONS = 60_000_000
MOST_TASKS = 12
_TIE = 1e-9
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a layout is best, between 0 and 1, and what it costs."""

    layout: Layout
    share: float
    cost: float


@dataclass(frozen=True, slots=True)
class ChoiceFrequencies:
    """Which layouts are best within a budget over bootstrap samples.

    Args:
        n: Number of bootstrap samples.
        layouts: Every layout that was best at least once, most often first.
        recommended: Best layout of the table itself, and how often it is best.
        spread: What the bootstrap samples differ by.
    """

    n: int
    layouts: tuple[Frequency, ...]
    recommended: Frequency
    spread: Spread


def choice_frequency(
    table: TwoTaskTable,
    weights: WeightRule | TaskWeights | str,
    costs: Array,
    *,
    rng: np.random.Generator,
    budget: Budget | float | str | None = None,
    n: int = 200,
) -> ChoiceFrequencies:
    """Return how often each layout is best within a budget over bootstrap samples.

    Everything that depends on the table is redone for every redrawn one, the weights of a rule
    included; give :class:`TaskWeights` to hold them fixed.

    Args:
        table: The two-task results; holes are filled.
        weights: A rule of weights, its name, or weights that stay as they are.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        rng: Source of randomness.
        budget: Greatest cost; none by default.
        n: Number of bootstrap samples.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.
        LayoutError: There are too many tasks.
        TableError: The weights can't be read, or ``n`` is out of range.
    """
    if table.n_tasks > MOST_TASKS:
        raise LayoutError(
            f"{table.n_tasks} tasks are too many to search again for every redrawn table. Use at most {MOST_TASKS}."
        )
    whole = task_weights(table, weights)
    score = PairwiseScore.of(fill_holes(table).values, whole.values)
    best = best_layouts(score, costs, budget=budget, top=1)[0]
    draws = resampled_values(table, n, rng)
    if isinstance(weights, TaskWeights) or whole.rule is WeightRule.EXPLICIT:
        used = np.broadcast_to(whole.values, (n, table.n_tasks))
    else:
        used = weights_of(draws, whole.rule)[0]
    terms = Terms(score, np.asarray(costs, dtype=np.float64))
    limit = terms.most_expensive
    if budget is not None:
        amount = Budget.parse(budget).absolute(terms.costs, n_tasks=table.n_tasks)
        limit = min(limit, inclusive(amount, terms.cheapest))
    if count_layouts(table.n_tasks, table.n_blocks) * table.n_blocks * n <= MOST_ADDITIONS:
        winners = _by_enumeration(draws, used, terms, limit)
    else:
        winners = _by_search(draws, used, terms, limit)
    times = Counter(winners)
    found = [Frequency(layout, count / n, terms.choice(layout).cost) for layout, count in times.items()]
    found.sort(key=lambda f: (-f.share, terms.order(terms.choice(f.layout))))
    recommended = Frequency(best.layout, times[best.layout] / n, best.cost)
    return ChoiceFrequencies(n, tuple(found), recommended, spread_of(table))


def _by_search(draws: Array, weights: Array, terms: Terms, limit: float) -> list[Layout]:
    return [
        best_layouts(PairwiseScore.of(values, w), terms.costs, budget=limit, top=1)[0].layout
        for values, w in zip(draws, weights, strict=True)
    ]


def _by_enumeration(draws: Array, weights: Array, terms: Terms, limit: float) -> list[Layout]:
    table = _all_layouts(draws.shape[1], draws.shape[3] - 1)
    kept = _in_tie_order(table, terms, limit)
    few = LayoutTable(table.partitions, np.asfortranarray(table.ids[kept]))
    winners: list[Layout] = []
    step = max(_CHUNK // max(len(few), 1), 1)
    for start in range(0, len(draws), step):
        part = slice(start, start + step)
        scores = layout_scores_of_draws(few, draws[part], weights[part])
        # The first of equals is the cheapest, since rows are sorted by the tie rule.
        winners += [few[int(row)] for row in np.argmax(np.round(scores / _TIE), axis=0)]
    return winners


@lru_cache(maxsize=4)
def _all_layouts(n_tasks: int, n_blocks: int) -> LayoutTable:
    return enumerate_layouts(n_tasks, n_blocks)


def _in_tie_order(table: LayoutTable, terms: Terms, limit: float) -> NDArray[np.intp]:
    """Rows within the limit by lower cost, then fewer groups, then canonical order."""
    costs = table.costs(terms.costs)
    groups = table.group_counts.sum(axis=1, dtype=np.int64)
    order = np.lexsort((np.arange(len(table)), groups, np.floor(costs / terms.cost_step + 0.5)))
    # A cost that exceeds the limit by less than rounding is within it.
    return order[costs[order] <= limit + terms.cost_step]
