"""The inner loops of the exact front: dynamic programming over sets of tasks, with a Pareto set for each.

A *label* of the tasks S, together until block b, is one way to go on from there: its cost, its score, its number of
groups, and the two labels that it is made of, that of the group A of the highest task of S, which shares block b, and
that of the others. Labels that no layout of the front can use are never made: ``best`` says what a label's own tasks
can gain at most at the prices of a lane, ``outside`` what all the others can, and ``least`` what a layout needs at
these prices to be of interest.

See ``core.selection.kernels`` for the notation. Importing this module imports numba.
"""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Masks = NDArray[np.int32]

# Columns of the labels' numbers, and of what they are made of.
COST, SCORE = 0, 1
GROUP, SHARING, OTHERS, GROUPS = 0, 1, 2, 3


@compiled
def _useful(value: Floats, least: Floats, multipliers: Floats, starts: Ints, steps_up: Floats) -> bool:
    """Return whether a layout whose value in each lane is at most ``value`` can be a point of the front.

    It has to lie deep enough below the hull in some gap, and above one of the steps that are known there, as far as the
    lanes beside that of the gap tell, too.
    """
    n_lanes = len(least)
    for k in range(n_lanes):
        if value[k] < least[k]:
            continue
        for j in range(starts[k], starts[k + 1]):
            cost, score = steps_up[j, COST], steps_up[j, SCORE]
            above = value[k] + multipliers[k] * cost >= score
            if k > 0:
                above = above and value[k - 1] + multipliers[k - 1] * cost >= score
            if k + 1 < n_lanes:
                above = above and value[k + 1] + multipliers[k + 1] * cost >= score
            if above:
                return True
    return False


@compiled
def fill_outside(
    gains: Floats,
    penalties: Floats,
    multipliers: Floats,
    best: Floats,
    constant: float,
    least: Floats,
    starts: Ints,
    steps_up: Floats,
    outside: Floats,
) -> None:
    """Fill ``outside [n_blocks + 1, 2^n_tasks, n_lanes]``: the greatest value of all outside of a set of tasks.

    Sets that can be of no interest are left at −∞.

    Args:
        gains: ``[n_blocks, 2^n_tasks]``.
        penalties: ``[n_lanes, n_blocks]``.
        multipliers: ``[n_lanes]``.
        best: ``[n_blocks + 1, 2^n_tasks, n_lanes]``.
        constant: Score of single-task networks.
        least: What a layout needs in each lane, ``[n_lanes]``.
        starts: Where the steps of each lane's gap begin, ``[n_lanes + 1]``.
        steps_up: Cost below which, and score above which, points are of interest, ``[n_steps, 2]``.
        outside: Filled.
    """
    n_blocks, size = gains.shape
    n_lanes = len(least)
    outside[:] = -np.inf
    outside[0, size - 1] = constant
    value = np.empty(n_lanes)
    for block in range(n_blocks):
        for tasks in range(size - 1, 0, -1):
            for k in range(n_lanes):
                value[k] = outside[block, tasks, k] + best[block, tasks, k]
            if not _useful(value, least, multipliers, starts, steps_up):
                outside[block, tasks] = -np.inf
                continue
            high = 1
            while high << 1 <= tasks:
                high <<= 1
            rest = tasks ^ high
            sub = rest
            while True:
                group, others = high | sub, rest ^ sub
                for k in range(n_lanes):
                    here = outside[block, tasks, k] + gains[block, group] - penalties[k, block]
                    with_others = here + best[block, others, k]
                    outside[block + 1, group, k] = max(outside[block + 1, group, k], with_others)
                    if others:
                        with_group = here + best[block + 1, group, k]
                        outside[block, others, k] = max(outside[block, others, k], with_group)
                if sub == 0:
                    break
                sub = (sub - 1) & rest


@compiled
def _enter(made: Ints, label: int, block: int, member: Masks) -> None:
    """Write the groups of a label to ``member [n_blocks, n_tasks]``."""
    stack = np.empty((member.shape[0] * member.shape[1] + 1, 2), np.int64)
    stack[0, 0], stack[0, 1] = label, block
    depth = 1
    while depth:
        depth -= 1
        label, block = stack[depth, 0], stack[depth, 1]
        # The first label is that of no tasks, and of any tasks after the last block.
        if label == 0:
            continue
        group = made[label, GROUP]
        for task in range(member.shape[1]):
            if group >> task & 1:
                member[block, task] = group
        stack[depth, 0], stack[depth, 1] = made[label, SHARING], block + 1
        stack[depth + 1, 0], stack[depth + 1, 1] = made[label, OTHERS], block
        depth += 2


@compiled
def layouts_of(made: Ints, first: int, found: Masks) -> None:
    """Write the layouts of some labels of all tasks in a row to ``found [n, n_blocks, n_tasks]``."""
    for place in range(len(found)):
        _enter(made, first + place, 0, found[place])


@compiled
def _is_first(made: Ints, one: int, other: int, block: int, rank: Floats, members: Masks) -> bool:
    """Return whether a label comes before another of equal cost and score: fewer groups, then canonical order."""
    if made[one, GROUPS] != made[other, GROUPS]:
        return bool(made[one, GROUPS] < made[other, GROUPS])
    members[:] = 0
    _enter(made, one, block, members[0])
    _enter(made, other, block, members[1])
    for b in range(block, members.shape[1]):
        for task in range(members.shape[2]):
            mine, its = members[0, b, task], members[1, b, task]
            if mine != its:
                return bool(rank[mine] > rank[its])
    return True


@compiled
def label_front(
    gains: Floats,
    costs: Floats,
    penalties: Floats,
    multipliers: Floats,
    best: Floats,
    outside: Floats,
    least: Floats,
    starts: Ints,
    steps_up: Floats,
    steps: Floats,
    rank: Floats,
    n_tasks: int,
    most_labels: int,
) -> tuple[int, int, Floats, Ints]:
    """Return the labels of all tasks before the first block: the first, how many, all numbers, what they are made of.

    A label is left out if another one costs no more and scores no less, unless the two may tie and it comes before the
    other in the order of ties.

    Args:
        gains: ``[n_blocks, 2^n_tasks]``.
        costs: ``[n_blocks]``.
        penalties: ``[n_lanes, n_blocks]``.
        multipliers: ``[n_lanes]``.
        best: ``[n_blocks + 1, 2^n_tasks, n_lanes]``.
        outside: As ``best``; see ``fill_outside``.
        least: As in ``fill_outside``, and the next two as well.
        starts: ``[n_lanes + 1]``.
        steps_up: ``[n_steps, 2]``.
        steps: From what difference on scores, and costs, are never equal, ``[2]``.
        rank: ``[2^n_tasks]``, higher for groups that come first in canonical order.
        n_tasks: Number of tasks.
        most_labels: Give up when there are more; the number returned is then −1.
    """
    n_blocks, size = gains.shape
    n_lanes = len(least)
    room = 1 << 12
    numbers, made = np.zeros((room, 2)), np.zeros((room, 4), np.int64)
    start, count = np.zeros((n_blocks + 1, size), np.int64), np.zeros((n_blocks + 1, size), np.int64)
    count[n_blocks], count[:, 0] = 1, 1
    kept = np.empty(1 << 8, np.int64)
    members = np.zeros((2, n_blocks, n_tasks), np.int32)
    value = np.empty(n_lanes)
    n = 1
    for block in range(n_blocks - 1, -1, -1):
        for tasks in range(1, size):
            for k in range(n_lanes):
                value[k] = outside[block, tasks, k] + best[block, tasks, k]
            if not _useful(value, least, multipliers, starts, steps_up):
                continue
            high = 1
            while high << 1 <= tasks:
                high <<= 1
            rest = tasks ^ high
            first, n_kept = n, 0
            sub = rest
            while True:
                group, others = high | sub, rest ^ sub
                gain = gains[block, group]
                for k in range(n_lanes):
                    value[k] = outside[block, tasks, k] + gain - penalties[k, block]
                    value[k] += best[block + 1, group, k] + best[block, others, k]
                if _useful(value, least, multipliers, starts, steps_up):
                    for mine in range(start[block + 1, group], start[block + 1, group] + count[block + 1, group]):
                        for its in range(start[block, others], start[block, others] + count[block, others]):
                            cost = costs[block] + numbers[mine, COST] + numbers[its, COST]
                            score = gain + numbers[mine, SCORE] + numbers[its, SCORE]
                            low, up = 0, n_kept
                            while low < up:
                                middle = (low + up) >> 1
                                if numbers[kept[middle], COST] <= cost:
                                    low = middle + 1
                                else:
                                    up = middle
                            if low and numbers[kept[low - 1], SCORE] >= score + steps[0]:
                                continue
                            for k in range(n_lanes):
                                value[k] = outside[block, tasks, k] + score - multipliers[k] * cost
                            if not _useful(value, least, multipliers, starts, steps_up):
                                continue
                            if n == len(made):
                                if 2 * n > most_labels:
                                    return 0, -1, numbers, made
                                numbers = np.concatenate((numbers, np.zeros((n, 2))))
                                made = np.concatenate((made, np.zeros((n, 4), np.int64)))
                            numbers[n, COST], numbers[n, SCORE] = cost, score
                            made[n, GROUP], made[n, SHARING], made[n, OTHERS] = group, mine, its
                            made[n, GROUPS] = made[mine, GROUPS] + made[its, GROUPS] + 1
                            # Where none is left out for a tie, scores rise with costs; ties are within a step of that.
                            covered = False
                            i = low - 1
                            while i >= 0 and not covered and numbers[kept[i], SCORE] > score - steps[0]:
                                if numbers[kept[i], SCORE] >= score:
                                    covered = (
                                        numbers[kept[i], SCORE] >= score + steps[0]
                                        or numbers[kept[i], COST] <= cost - steps[1]
                                        or _is_first(made, kept[i], n, block, rank, members)
                                    )
                                i -= 1
                            if covered:
                                continue
                            place = low
                            while place and numbers[kept[place - 1], COST] == cost:
                                place -= 1
                            left = place
                            i = place
                            while i < n_kept and numbers[kept[i], SCORE] < score + steps[0]:
                                if numbers[kept[i], SCORE] > score or not (
                                    numbers[kept[i], SCORE] <= score - steps[0]
                                    or numbers[kept[i], COST] >= cost + steps[1]
                                    or _is_first(made, n, kept[i], block, rank, members)
                                ):
                                    kept[left] = kept[i]
                                    left += 1
                                i += 1
                            while i < n_kept and left < i:
                                kept[left] = kept[i]
                                left += 1
                                i += 1
                            if left < i:
                                n_kept = left
                            # Those of equal cost that stay come before.
                            while place < n_kept and numbers[kept[place], COST] <= cost:
                                place += 1
                            if n_kept == len(kept):
                                kept = np.concatenate((kept, kept))
                            for i in range(n_kept, place, -1):
                                kept[i] = kept[i - 1]
                            kept[place] = n
                            n_kept, n = n_kept + 1, n + 1
                if sub == 0:
                    break
                sub = (sub - 1) & rest
            start[block, tasks], count[block, tasks] = first, n_kept
            # Labels that were left out since make room; those that stay are in the order of cost.
            ordered, parts = numbers[kept[:n_kept]], made[kept[:n_kept]]
            numbers[first : first + n_kept], made[first : first + n_kept] = ordered, parts
            n = first + n_kept
    return start[0, size - 1], count[0, size - 1], numbers, made
