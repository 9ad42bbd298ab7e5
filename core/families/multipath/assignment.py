"""Which task should leave at which exit: the exact best assignment for every budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError
from core.plane.point import last_within

Array = NDArray[np.float64]
# Nested paths have few exits; a search with more states than this would be of made-up costs.
MOST_STATES: Final = 200_000
# Sums of the same numbers in another order differ by less.
_TINY: Final = 1e-9


class AssignmentQuestion(StrEnum):
    """What the cost of an assignment is a cost of; the value is its code in addresses and files."""

    ACTIVE = "one-active"
    """One active task: Σ p_t · cost of t's path, with its share of use p_t."""
    OWN_INPUT = "own-input"
    """Each task on its own input: Σ cost of t's path."""
    ONE_INPUT = "one-input"
    """All tasks on one input: the deepest exit pays for all."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An exit for every task.

    Args:
        exits: Number of the exit of each task.
        cost: Of the assignment, for its question.
        score: Mean gain Δ of the tasks, percent.
    """

    exits: tuple[int, ...]
    cost: float
    score: float


def assignment_cost(
    exits: Sequence[int], costs: Sequence[float], question: AssignmentQuestion, usage: Sequence[float] = ()
) -> float:
    """Return what an assignment costs.

    Args:
        exits: Number of the exit of each task.
        costs: Cost of each path, ``[n_exits]``, rising.
        question: What it is a cost of.
        usage: Share of use of each task, for one active task; equal where left out.

    >>> [assignment_cost((0, 2), (1.0, 2.0, 4.0), question) for question in AssignmentQuestion]
    [2.5, 5.0, 4.0]
    """
    if question is AssignmentQuestion.ONE_INPUT:
        return float(max(costs[exit_] for exit_ in exits))
    shares = _shares(question, usage, len(exits))
    return float(sum(share * costs[exit_] for share, exit_ in zip(shares, exits, strict=True)))


def best_assignments(
    gains: Array, costs: Sequence[float], question: AssignmentQuestion, usage: Sequence[float] = ()
) -> list[Assignment]:
    """Return the best assignments at all budgets: those that no other beats in both cost and mean gain.

    For one active task, and for each on its own input, costs and gains are sums over tasks: tasks are added one by
    one, and of the partial assignments only those are kept that no other beats, which loses none of the best
    ones. For all tasks on one input every task takes the best of the exits up to the deepest one, for each
    deepest one. Of equals the one with the earlier exits is returned, task by task.

    Args:
        gains: Δ of each task at each exit, percent, ``[n_tasks, n_exits]``.
        costs: Cost of each path, ``[n_exits]``, rising.
        question: What the cost is a cost of.
        usage: Share of use of each task, for one active task; equal where left out.

    Returns:
        By rising cost, and so by rising score.

    Raises:
        BudgetError: Gains, costs and usage don't match, are no finite numbers, or shares of use are no shares.
    """
    gains = np.asarray(gains, dtype=np.float64)
    _check(gains, costs, usage)
    if question is AssignmentQuestion.ONE_INPUT:
        return _front([_up_to(gains, costs, deepest) for deepest in range(gains.shape[1])])
    shares = _shares(question, usage, len(gains))
    states = [Assignment((), 0.0, 0.0)]
    for task, share in zip(gains, shares, strict=True):
        states = _front(
            [
                Assignment((*state.exits, exit_), state.cost + share * cost, state.score + gain / len(gains))
                for state in states
                for exit_, (gain, cost) in enumerate(zip(task.tolist(), costs, strict=True))
            ]
        )
        if len(states) > MOST_STATES:
            raise BudgetError(f"There are more than {MOST_STATES:,} best assignments. Assign fewer tasks at once.")
    return states


def best_assignment(
    gains: Array,
    costs: Sequence[float],
    budget: float,
    question: AssignmentQuestion,
    usage: Sequence[float] = (),
) -> Assignment | None:
    """Return the assignment with the largest mean gain within a budget; None where nothing fits.

    Args:
        gains: Δ of each task at each exit, percent, ``[n_tasks, n_exits]``.
        costs: Cost of each path, ``[n_exits]``, rising.
        budget: In the unit of the costs, inclusive.
        question: What the cost is a cost of.
        usage: Share of use of each task, for one active task; equal where left out.

    Raises:
        BudgetError: As ``best_assignments``.
    """
    found = best_assignments(gains, costs, question, usage)
    place = last_within(found, budget)
    return None if place is None else found[place]


def _up_to(gains: Array, costs: Sequence[float], deepest: int) -> Assignment:
    exits = tuple(int(exit_) for exit_ in gains[:, : deepest + 1].argmax(axis=1))
    score = float(np.mean([gains[task, exit_] for task, exit_ in enumerate(exits)]))
    # Where no task wants the deepest exit, it need not run.
    return Assignment(exits, float(costs[max(exits)]), score)


def _front(states: Sequence[Assignment]) -> list[Assignment]:
    """Return the states that no other beats, by rising cost; equal scores within rounding are equal."""
    found: list[Assignment] = []
    for state in sorted(states, key=lambda each: (each.cost, -each.score, each.exits)):
        if not found or state.score > found[-1].score + _TINY:
            found.append(state)
    return found


def _shares(question: AssignmentQuestion, usage: Sequence[float], n_tasks: int) -> list[float]:
    if question is AssignmentQuestion.OWN_INPUT:
        return [1.0] * n_tasks
    return [share / sum(usage) for share in usage] if usage else [1.0 / n_tasks] * n_tasks


def _check(gains: Array, costs: Sequence[float], usage: Sequence[float]) -> None:
    if gains.ndim != 2 or not gains.size or gains.shape[1] != len(costs):
        raise BudgetError(
            f"Gains of shape {list(gains.shape)} and {len(costs)} costs were given. "
            "There should be a row for each task and a column for each exit."
        )
    if not np.isfinite(gains).all() or not np.isfinite(costs).all():
        raise BudgetError("A gain or a cost is no finite number. Measure every task at every exit first.")
    if min(costs) < 0 or any(later < earlier for earlier, later in pairwise(costs)):
        raise BudgetError("Costs of nested paths rise from exit to exit. Sort them.")
    if usage and (len(usage) != len(gains) or not np.isfinite(usage).all() or min(usage) < 0 or sum(usage) <= 0):
        raise BudgetError(
            f"{len(usage)} shares of use were given for {len(gains)} tasks. Give each task one, none below 0, and one "
            "above it."
        )
