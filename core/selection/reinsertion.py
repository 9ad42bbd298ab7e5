"""Improve a layout one task at a time: take it out and put it back where it does best.

Importing this module imports numba; it is imported on first use.
"""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import HAS_NUMBA, compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def sweep_compiled(
    pairs: Floats, tail: Floats, points: Ints, order: Ints, price: float, limit: float, step: float
) -> bool:
    """Move each task of ``order`` to its best place, in ``points``, and return whether any moved.

    A place shares the first d blocks with another task and is alone from there. Of equal places
    the first counts: by the other task, then by d.

    Args:
        pairs: Score of each pair at each branch point, ``[n_tasks, n_tasks, n_blocks + 1]``.
        tail: Cost of blocks b and later, ``[n_blocks + 1]``.
        points: Branch points, ``[n_tasks, n_tasks]``; changed in place.
        order: The tasks in the order of their turns.
        price: What a unit of cost counts in units of score.
        limit: Greatest cost.
        step: Least improvement that counts.
    """
    n_tasks, depths = len(points), len(tail)
    moved = False
    for task in order:
        rest = 0.0
        for j in range(n_tasks):
            shared = 0
            for i in range(j):
                if i != task and j != task:
                    shared = max(shared, points[i, j])
            if j != task:
                rest += tail[shared]
        now, deepest = 0.0, 0
        for j in range(n_tasks):
            if j != task:
                now += pairs[task, j, points[task, j]]
                deepest = max(deepest, points[task, j])
        best = now - price * (rest + tail[deepest]) + step
        anchor, depth = -1, 0
        for u in range(n_tasks):
            if u == task:
                continue
            for d in range(depths):
                cost = rest + tail[d]
                if cost > limit:
                    continue
                worth = 0.0
                for j in range(n_tasks):
                    if j != task:
                        worth += pairs[task, j, min(d, points[u, j])]
                if worth - price * cost > best:
                    best, anchor, depth = worth - price * cost, u, d
        if anchor >= 0:
            moved = True
            for j in range(n_tasks):
                if j != task:
                    points[task, j] = points[j, task] = min(depth, points[anchor, j])
    return moved


def sweep_plain(
    pairs: Floats, tail: Floats, points: Ints, order: Ints, price: float, limit: float, step: float
) -> bool:
    """Do what ``sweep_compiled`` does, one numpy expression per task."""
    n_tasks, depth = len(points), np.arange(len(tail))
    moved = False
    for task in order.tolist():
        others = np.delete(np.arange(n_tasks), task)
        between = points[np.ix_(others, others)]
        rest = tail[np.tril(between, -1).max(axis=1)].sum()
        places = np.minimum(between[:, None, :], depth[None, :, None]).reshape(-1, len(others))
        worth = pairs[task][others, places].sum(axis=1)
        cost = rest + np.tile(tail, len(others))
        value = np.where(cost <= limit, worth - price * cost, -np.inf)
        now = points[task, others]
        least = pairs[task, others, now].sum() - price * (rest + tail[now.max()]) + step
        best = int(np.argmax(value))
        if value[best] > least:
            points[task, others] = points[others, task] = places[best]
            moved = True
    return moved


sweep = sweep_compiled if HAS_NUMBA else sweep_plain
