"""The best hybrids at all budgets, exactly: trees of layouts whose tasks may leave behind every block.

A hybrid's predicted gain is that of its layout, in which a task that left is alone, and what each task gains or loses
by leaving where it does. Both are sums over blocks and groups, and so is the cost: what is best for the tasks of one
group from a block on doesn't depend on the others. The front of (cost, gain) of a group at a block is that of the best
division of the tasks that stay into groups at the next one, for every choice of those that leave.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError
from core.families.hybrid.hybrid import Hybrid
from core.layouts import Layout
from core.selection.layout_score import LayoutScore

Array = NDArray[np.float64]
# With more, divisions into groups are too many for fronts of all of them.
MOST_TASKS: Final = 6
# Sums of the same numbers in another order differ by less.
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class HybridChoice:
    """A hybrid with its cost and predicted gain.

    Args:
        hybrid: The network.
        cost: In the unit of the search.
        score: Weighted mean gain Δ, percent.
    """

    hybrid: Hybrid
    cost: float
    score: float


# What runs: (block, group as a bit mask, those of it that leave behind the block).
_Step = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a network on the front of its tasks."""

    cost: float
    score: float
    steps: tuple[_Step, ...]


def hybrid_score(hybrid: Hybrid, score: LayoutScore, leaving: Array) -> float:
    """Return the predicted gain of a hybrid: that of its layout, and what its tasks gain by leaving.

    Args:
        hybrid: The network.
        score: Of layouts.
        leaving: What each task adds to the score by leaving behind each block, ``[n_tasks, n_blocks]``.
    """
    return score.score(hybrid.layout) + float(sum(leaving[task, exit_] for task, exit_ in enumerate(hybrid.exits)))


def hybrid_front(score: LayoutScore, costs: Array, leaving: Array, *, one_task: bool = False) -> list[HybridChoice]:
    """Return the hybrids that no other beats in both cost and predicted gain, by rising cost.

    Args:
        score: Of layouts, as a sum over blocks and groups.
        costs: Of one copy of each block, ``[n_blocks]``.
        leaving: What each task adds to the score by leaving behind each block, ``[n_tasks, n_blocks]``; 0 at the last
            one, minus infinity where a task can't leave.
        one_task: Whether the cost is the mean over tasks of each one's path; otherwise all copies of blocks count.

    Raises:
        BudgetError: There are too many tasks, or shapes don't match.
    """
    n_tasks, n_blocks = score.n_tasks, score.n_blocks
    if costs.shape != (n_blocks,) or leaving.shape != (n_tasks, n_blocks) or np.isnan(leaving).any():
        raise BudgetError(
            f"Costs {list(costs.shape)} and gains by leaving {list(leaving.shape)} were given for {n_tasks} tasks on "
            f"{n_blocks} blocks. They should match, without holes."
        )
    if n_tasks > MOST_TASKS:
        raise BudgetError(f"Hybrids of {n_tasks} tasks are too many to search. Choose at most {MOST_TASKS} tasks.")
    gains = score.gains
    # A task that left is alone from then on, and what the score says of that is part of leaving.
    alone = gains[:, [1 << task for task in range(n_tasks)]].T
    leave = leaving + np.cumsum(alone[:, ::-1], axis=1)[:, ::-1] - alone

    @cache
    def of_group(block: int, group: int) -> tuple[_Part, ...]:
        """Return the front of a group that runs a block together."""
        cost = float(costs[block]) * (group.bit_count() if one_task else 1)
        found = []
        for left in _subsets(group):
            if block == n_blocks - 1 and left != group:
                continue
            more = float(gains[block, group]) + sum(float(leave[task, block]) for task in _tasks(left))
            if more > -np.inf:
                step = ((block, group, left),)
                rest = divided(block + 1, group & ~left) if group & ~left else (_Part(0.0, 0.0, ()),)
                found += [_Part(cost + part.cost, more + part.score, step + part.steps) for part in rest]
        return _front(found)

    @cache
    def divided(block: int, tasks: int) -> tuple[_Part, ...]:
        """Return the front of tasks that may run a block in several groups."""
        first = tasks & -tasks
        found: list[_Part] = []
        for others in _subsets(tasks & ~first):
            group, rest = first | others, tasks & ~first & ~others
            here = of_group(block, group)
            found += _both(here, divided(block, rest)) if rest else here
        return _front(found)

    whole = divided(0, (1 << n_tasks) - 1)
    # Divided at the end: sums of whole numbers are exact, and of equal costs the better one is kept.
    times = n_tasks if one_task else 1
    return [
        HybridChoice(_hybrid(part.steps, n_tasks, n_blocks), part.cost / times, score.constant + part.score)
        for part in whole
    ]


def _both(one: tuple[_Part, ...], other: tuple[_Part, ...]) -> list[_Part]:
    """Return the front of two parts side by side."""
    cost = np.add.outer([part.cost for part in one], [part.cost for part in other]).ravel()
    score = np.add.outer([part.score for part in one], [part.score for part in other]).ravel()
    order = np.lexsort((-score, cost))
    before = np.concatenate([[-np.inf], np.maximum.accumulate(score[order])[:-1]])
    return [
        _Part(float(cost[n]), float(score[n]), one[n // len(other)].steps + other[n % len(other)].steps)
        for n in order[score[order] > before + _TINY].tolist()
    ]


def _front(parts: list[_Part]) -> tuple[_Part, ...]:
    """Return the parts that no other beats, by rising cost; of equals the first in the order of their steps."""
    found: list[_Part] = []
    for part in sorted(parts, key=lambda each: (each.cost, -each.score, each.steps)):
        if not found or part.score > found[-1].score + _TINY:
            found.append(part)
    return tuple(found)


def _subsets(tasks: int) -> Iterator[int]:
    """Yield all subsets of a bit mask, the empty one first."""
    subset = 0
    while True:
        yield subset
        subset = (subset - tasks) & tasks
        if not subset:
            return


def _tasks(mask: int) -> Iterator[int]:
    return (task for task in range(mask.bit_length()) if mask >> task & 1)


def _hybrid(steps: tuple[_Step, ...], n_tasks: int, n_blocks: int) -> Hybrid:
    exits = [n_blocks - 1] * n_tasks
    partitions: list[list[list[int]]] = [[] for _ in range(n_blocks)]
    for block, group, left in steps:
        partitions[block].append([*_tasks(group)])
        for task in _tasks(left):
            exits[task] = block
            for later in range(block + 1, n_blocks):
                partitions[later].append([task])
    return Hybrid(Layout.of(partitions), tuple(exits))
