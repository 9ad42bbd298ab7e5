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


def sweep_blocks(
    steps: Floats,
    beyond: Floats,
    tail: Floats,
    points: Ints,
    order: Ints,
    price: float,
    limit: float,
    step: float,
) -> bool:
    """Do what ``sweep`` does for scores in which a group earns the mean over its pairs.

    Args:
        steps: What each pair earns by sharing each block, ``[n_tasks, n_tasks, n_blocks]``.
        beyond: What each task earns beyond its pairs, ``[n_tasks, n_blocks]``; see ``BlockScore``.
        tail: As for ``sweep_compiled``, as are the others.
        points: Changed in place.
        order: The tasks in the order of their turns.
        price: What a unit of cost counts in units of score.
        limit: Greatest cost.
        step: Least improvement that counts.
    """
    n_tasks, n_blocks = len(points), len(tail) - 1
    depth, moved = np.arange(n_blocks + 1), False
    for task in order.tolist():
        others = np.delete(np.arange(n_tasks), task)
        between = points[np.ix_(others, others)]
        rest = tail[np.tril(between, -1).max(axis=1)].sum()
        together = (between[None] > depth[:-1, None, None]) | np.eye(n_tasks - 1, dtype=bool)
        inside = np.moveaxis(steps[np.ix_(others, others)], 2, 0) * together
        sizes = together.sum(axis=2)
        sums = np.einsum("bij,bj->bi", together, inside.sum(axis=2)) / 2
        added = np.einsum("bij,jb->bi", together, steps[task, others])
        more = np.einsum("bij,jb->bi", together, beyond[others])
        earned = (sums + added) / sizes - sums / np.maximum(sizes - 1, 1)
        earned += (more + beyond[task][:, None]) * np.log(sizes) - more * np.log(np.maximum(sizes - 1, 1))
        # Beside each other task, sharing its first d blocks.
        worth = np.concatenate([np.zeros((1, n_tasks - 1)), np.cumsum(earned, axis=0)]).T
        value = np.where(rest + tail <= limit, worth - price * (rest + tail), -np.inf)
        now = points[task, others]
        least = worth[int(now.argmax()), now.max()] - price * (rest + tail[now.max()]) + step
        anchor, shared = np.unravel_index(np.argmax(value), value.shape)
        if value[anchor, shared] > least:
            points[task, others] = points[others, task] = np.minimum(between[anchor], shared)
            moved = True
    return moved
