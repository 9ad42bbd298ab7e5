"""Which level each task can afford within a memory budget: the exact best choice for every budget."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError
from core.families.virtual.orders import Orders
from core.families.virtual.payload import VirtualPayload

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
# Up to so many choices all are looked at.
MOST_COMPLETE: Final = 100_000
# The search above that keeps the choices for some tasks that none beats; of made-up orders there may be very many.
MOST_STATES: Final = 20_000
# Sums of the same numbers in another order differ by less.
_TINY: Final = 1e-9


class MemoryQuestion(StrEnum):
    """What is in memory at a time; the value is its code in addresses and files."""

    ALL = "all-resident"
    """The levels of all tasks at once: what several use is counted once."""
    ONE = "one-active"
    """The level of one task at a time: the largest of them must fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """What the levels of a deep virtual network keep in memory, in parameters.

    Args:
        orders: Units in the order in which each task takes them.
        pairs: Weights between two units, in both directions, or within one; with those from the picture and of the
            common channels, ``[n_units, n_units]``; zero below the diagonal.
        common: Weights that every level has.
        own: Norms, biases and head of each task's level, ``[n_tasks, n_levels]``.
    """

    orders: Orders
    pairs: Counts = field(repr=False)
    common: int
    own: Counts = field(repr=False)

    @classmethod
    def of(cls, payload: VirtualPayload, orders: Orders) -> Self:
        """Return what a trained network keeps in memory with some orders.

        Args:
            payload: What the network holds.
            orders: Those it was trained with: the numbers of own parameters are of the levels, not of the units.
        """
        pieces = np.array(payload.pieces, dtype=np.int64)
        pairs = np.triu(pieces + pieces.T, 1) + np.diag(np.diagonal(pieces))
        pairs += np.diag(np.array(payload.edges, dtype=np.int64) + payload.picture_params[:-1])
        own = [[each.own_params + each.head_params for each in levels] for levels in payload.records]
        common = payload.common_params + payload.picture_params[-1]
        return cls(orders, pairs, common, np.array(own, dtype=np.int64))

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of tasks and levels."""
        n_tasks, n_levels = self.own.shape
        return n_tasks, n_levels

    def used(self, task: int, level: int) -> NDArray[np.bool_]:
        """Return which pairs of units a task's level uses, ``[n_units, n_units]``."""
        active = np.isin(np.arange(len(self.pairs)), self.orders[task][: level + 1])
        found: NDArray[np.bool_] = np.triu(np.outer(active, active))
        return found

    def params(self, levels: Sequence[int]) -> int:
        """Return what is in memory where the levels of all tasks are, what several use counted once.

        Args:
            levels: Of each task.
        """
        used = np.any([self.used(task, level) for task, level in enumerate(levels)], axis=0)
        own = sum(int(self.own[task, level]) for task, level in enumerate(levels))
        return self.common + int(self.pairs[used].sum()) + own

    def alone(self) -> Counts:
        """Return what each task's level keeps in memory where no other does, ``[n_tasks, n_levels]``."""
        n_tasks, n_levels = self.shape
        shared = [[self.pairs[self.used(task, level)].sum() for level in range(n_levels)] for task in range(n_tasks)]
        found: Counts = self.common + np.array(shared, dtype=np.int64) + self.own
        return found

    def cost(self, levels: Sequence[int], question: MemoryQuestion) -> int:
        """Return the parameters that a choice of levels needs memory for.

        Args:
            levels: Of each task.
            question: What is in memory at a time.
        """
        if question is MemoryQuestion.ALL:
            return self.params(levels)
        alone = self.alone()
        return max(int(alone[task, level]) for task, level in enumerate(levels))


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level for every task.

    Args:
        levels: Of each task, from 0.
        cost: Parameters in memory, for its question.
        score: Mean gain Δ of the tasks, percent.
    """

    levels: tuple[int, ...]
    cost: int
    score: float


def best_levels(gains: Array, footprint: Footprint, question: MemoryQuestion) -> list[LevelChoice]:
    """Return the best levels at all budgets: the choices that no other beats in both memory and mean gain.

    For one active task each takes the best of its levels within the budget, for each budget that allows another one.
    With all tasks in memory what they share is counted once, so memory is no sum over tasks: up to ``MOST_COMPLETE``
    choices all are compared; above that tasks are added one by one, and a partial choice is dropped only where
    another is as good, and needs no more memory whatever the other tasks choose. Both are exact. Of equals the one
    with the lower levels is returned, task by task.

    Args:
        gains: Δ of each task on each level, percent, ``[n_tasks, n_levels]``.
        footprint: What levels keep in memory.
        question: What is in memory at a time.

    Returns:
        By rising cost, and so by rising score.

    Raises:
        BudgetError: Gains and levels don't match, a gain is no finite number, or too many choices are among the best.
    """
    gains = np.asarray(gains, dtype=np.float64)
    n_tasks, n_levels = footprint.shape
    if gains.shape != (n_tasks, n_levels) or not np.isfinite(gains).all():
        raise BudgetError(
            f"Gains of shape {list(gains.shape)} were given for {n_tasks} tasks on {n_levels} levels. "
            "There should be a finite number for each."
        )
    if question is MemoryQuestion.ONE:
        return _front(_one_active(gains, footprint))
    if n_levels**n_tasks <= MOST_COMPLETE:
        return complete_front(gains, footprint)
    return searched_front(gains, footprint)


def complete_front(gains: Array, footprint: Footprint) -> list[LevelChoice]:
    """Return the best levels with all tasks in memory by looking at every choice.

    Args:
        gains: Δ of each task on each level, percent, ``[n_tasks, n_levels]``.
        footprint: What levels keep in memory.
    """
    n_tasks, n_levels = footprint.shape
    pairs = np.triu_indices(len(footprint.pairs))
    used = np.array([[footprint.used(t, level)[pairs] for level in range(n_levels)] for t in range(n_tasks)])
    levels = np.array(list(itertools.product(range(n_levels), repeat=n_tasks)))
    resident = np.zeros((len(levels), len(pairs[0])), dtype=bool)
    own, scores = np.zeros(len(levels), dtype=np.int64), np.zeros(len(levels))
    for task in range(n_tasks):
        resident |= used[task][levels[:, task]]
        own += footprint.own[task][levels[:, task]]
        scores += gains[task][levels[:, task]] / n_tasks
    costs = footprint.common + resident @ footprint.pairs[pairs] + own
    # Products come by rising levels, and the sort is stable: of equals the first stays first.
    rising = np.lexsort((-scores, costs))
    best = np.maximum.accumulate(np.concatenate([[-np.inf], scores[rising][:-1]]))
    found = rising[scores[rising] > best + _TINY]
    return _front([LevelChoice(tuple(levels[n].tolist()), int(costs[n]), float(scores[n])) for n in found])


def searched_front(gains: Array, footprint: Footprint) -> list[LevelChoice]:
    """Return the best levels with all tasks in memory, task by task.

    Args:
        gains: Δ of each task on each level, percent, ``[n_tasks, n_levels]``.
        footprint: What levels keep in memory.

    Raises:
        BudgetError: Too many partial choices are among the best.
    """
    n_tasks, n_levels = footprint.shape
    pairs = np.triu_indices(len(footprint.pairs))
    weights = footprint.pairs[pairs].astype(np.float64)
    states = _States.empty(len(weights))
    for task in range(n_tasks):
        used = np.array([footprint.used(task, level)[pairs] for level in range(n_levels)])
        states = states.extended(used, footprint.own[task], gains[task] / n_tasks).undominated(weights)
        if len(states.scores) > MOST_STATES:
            raise BudgetError(
                f"More than {MOST_STATES:,} choices of levels for {task + 1} of {n_tasks} tasks are among the best. "
                "Compare fewer tasks at once, or ask for one active task."
            )
    costs = footprint.common + states.own + (states.used @ weights).astype(np.int64)
    return _front(
        [
            LevelChoice(tuple(map(int, chosen)), int(cost), float(score))
            for chosen, cost, score in zip(states.levels, costs, states.scores, strict=True)
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class _States:
    """Choices of levels for the first tasks.

    Args:
        levels: ``[n_states, n_tasks so far]``.
        used: Which pairs of units they use, ``[n_states, n_pairs]``.
        own: Parameters that are their tasks' alone, ``[n_states]``.
        scores: Share of the mean gain, ``[n_states]``.
    """

    levels: Counts
    used: NDArray[np.bool_]
    own: Counts
    scores: Array

    @classmethod
    def empty(cls, n_pairs: int) -> Self:
        """Return the choice for no task."""
        return cls(
            np.zeros((1, 0), dtype=np.int64),
            np.zeros((1, n_pairs), dtype=bool),
            np.zeros(1, dtype=np.int64),
            np.zeros(1),
        )

    def extended(self, used: NDArray[np.bool_], own: Counts, gains: Array) -> "_States":
        """Return every state with every level of the next task."""
        n, n_levels = len(self.scores), len(gains)
        levels = np.column_stack([np.repeat(self.levels, n_levels, axis=0), np.tile(np.arange(n_levels), n)])
        return _States(
            levels,
            (self.used[:, None] | used).reshape(n * n_levels, -1),
            (self.own[:, None] + own).ravel(),
            (self.scores[:, None] + gains).ravel(),
        )

    def undominated(self, weights: Array) -> "_States":
        """Return the states that none beats whatever the other tasks choose.

        Whatever they choose, a state needs at most what another needs and what it uses and the other doesn't: where
        that is no more than the difference of their own parameters, the other state is never needed.
        """
        cost = self.own + self.used @ weights
        order = np.lexsort((*self.levels.T[::-1], cost, -self.scores))
        kept: list[int] = []
        for place in order:
            if kept:
                beyond = (self.used[kept] & ~self.used[place]) @ weights
                if (self.own[kept] + beyond <= self.own[place]).any():
                    continue
            kept.append(int(place))
            if len(kept) > MOST_STATES:
                break
        return _States(self.levels[kept], self.used[kept], self.own[kept], self.scores[kept])


def _one_active(gains: Array, footprint: Footprint) -> Iterator[LevelChoice]:
    alone = footprint.alone()
    least = int(alone.min(axis=1).max())
    for budget in sorted({int(cost) for cost in alone.ravel() if cost >= least}):
        within = np.where(alone <= budget, gains, -np.inf)
        levels = tuple(int(level) for level in within.argmax(axis=1))
        cost = max(int(alone[task, level]) for task, level in enumerate(levels))
        yield LevelChoice(levels, cost, float(np.mean([gains[task, level] for task, level in enumerate(levels)])))


def _front(choices: Sequence[LevelChoice] | Iterator[LevelChoice]) -> list[LevelChoice]:
    """Return the choices that no other beats, by rising cost; equal scores within rounding are equal."""
    found: list[LevelChoice] = []
    for each in sorted(choices, key=lambda choice: (choice.cost, -choice.score, choice.levels)):
        if not found or each.score > found[-1].score + _TINY:
            found.append(each)
    return found
