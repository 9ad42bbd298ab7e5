"""Two-task tables and what they predict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from core.errors import BudgetError
from core.estimators import read_table_path
from core.estimators.basis import basis_of
from core.estimators.coverage import interpolation_warnings
from core.estimators.prediction import Estimator
from core.estimators.two_task import TwoTaskTable
from core.estimators.weights import weight_warnings
from core.families.layouts.gain_intervals import GainIntervals
from core.layouts import Layout
from core.selection.budget import Budget
from core.selection.choice import Choice, usable_cost
from core.selection.layout_score import score_of
from core.selection.search import front as search_front
from core.selection.search import recommend as search

Estimators = Literal["paper", "blockwise", "bayes"]
Weights = Literal["svde", "uniform", "paper"] | Sequence[float]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a table predicts of one layout.

    Args:
        layout: Which tasks share which block.
        score: Weighted mean of the gains Δ, percent.
        gains: Δ of each task against its single-task network, percent.
        cost: In the unit of the costs that were given.
        interval: 90 % interval of the score; None where the table has neither seeds nor standard errors.
    """

    layout: Layout
    score: float
    gains: tuple[float, ...]
    cost: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Recommended:
    """What a table recommends within a budget.

    Args:
        recommended: The cheapest layout of the Pareto front that noise can't tell from the best.
        layouts: The layouts with the best scores within the budget, best first.
        exact: Whether they are proved to be the best.
        weights: Weight of each task in the score.
        warnings: What weakens it, each a sentence: cells that are not measured, tasks that hardly count.
    """

    recommended: Prediction
    layouts: tuple[Prediction, ...]
    exact: bool
    weights: tuple[float, ...]
    warnings: tuple[str, ...] = ()


def read_table(path: str | Path) -> TwoTaskTable:
    """Return the two-task table of a CSV file or workbook: wide, tidy, or metrics, from which Δ is computed.

    Args:
        path: Of the file.

    Raises:
        BranchwiseError: It can't be read, or is no such table; the sentence names the place.
    """
    return read_table_path(path)


def recommend(
    table: TwoTaskTable,
    costs: Sequence[float],
    budget: str | float | None = None,
    *,
    weights: Weights = "svde",
    estimator: Estimators = "paper",
    top: int = 5,
) -> Recommended:
    """Return the layouts that a table predicts to be best within a budget, found exactly where that takes seconds.

    Args:
        table: Δ of every task paired with every other, at every branch point.
        costs: Cost of each block, from the input, in any unit, ``[n_blocks]``.
        budget: Most cost in that unit, or in backbones (``"3x"``), or as a share of single-task networks (``"60%"``).
        weights: How tasks are weighted in the score: a rule, or a number for each.
        estimator: How gains are predicted from the table: as the paper does, block by block, or so from a posterior.
        top: How many layouts.

    Raises:
        BranchwiseError: Costs, weights or budget don't fit the table, or no layout is within the budget.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, AutoML 2022.
    """
    case = _Case(table, costs, weights, estimator)
    found = search(case.score, case.costs, budget=None if budget is None else Budget.parse(budget), top=top)
    front = search_front(case.score, case.costs).choices
    limit = float("inf") if budget is None else Budget.parse(budget).absolute(case.costs, n_tasks=table.n_tasks)
    advice = case.intervals.advised(front, limit)
    chosen = front[advice.place] if advice is not None and advice.is_cheaper else found.choices[0]
    return Recommended(
        case.prediction(chosen),
        tuple(map(case.prediction, found.choices)),
        found.exact,
        tuple(case.weights.values.tolist()),
        (*interpolation_warnings(table, chosen.layout), *weight_warnings(table.tasks, case.weights)),
    )


def front(
    table: TwoTaskTable, costs: Sequence[float], *, weights: Weights = "svde", estimator: Estimators = "paper"
) -> list[Prediction]:
    """Return the layouts that no other beats in both cost and predicted score, by rising cost.

    Args:
        table: As for ``recommend``.
        costs: As for ``recommend``.
        weights: As for ``recommend``.
        estimator: As for ``recommend``.

    Raises:
        BranchwiseError: Costs or weights don't fit the table.
    """
    case = _Case(table, costs, weights, estimator)
    return [case.prediction(choice) for choice in search_front(case.score, case.costs).choices]


class _Case:
    """A table with costs and weights, ready for a search."""

    def __init__(self, table: TwoTaskTable, costs: Sequence[float], weights: Weights, estimator: Estimators) -> None:
        self.costs = np.asarray(costs, dtype=np.float64)
        if self.costs.shape != (table.n_blocks,) or not all(map(usable_cost, self.costs.tolist())):
            raise BudgetError(
                f"{self.costs.size} block costs were given and the table has {table.n_blocks} blocks. Give each one "
                "number from 0."
            )
        rule = weights if isinstance(weights, str) else ",".join(map(repr, map(float, weights)))
        filled, self.weights = basis_of(table, rule, Estimator(estimator))
        self.score = score_of(filled.values, self.weights.values, Estimator(estimator))
        self.intervals = GainIntervals(table, filled, self.weights, Estimator(estimator))

    def prediction(self, choice: Choice) -> Prediction:
        known = self.intervals.of(choice.layout)
        ends = (known.score_low, known.score_high) if known.has_interval else None
        return Prediction(choice.layout, choice.score, tuple(known.estimates.tolist()), choice.cost, ends)
