"""The inner loops of the exact search for branched networks. Importing this module imports numba."""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Ids = NDArray[np.int8]


@compiled
def group_diameters(distance: Floats) -> Floats:
    """Give the largest distance inside every set of tasks, ``[2 ** n_tasks]``; 0 for sets of one."""
    n = distance.shape[0]
    found = np.zeros(1 << n)
    for mask in range(1, 1 << n):
        high = 0
        while mask >> (high + 1):
            high += 1
        rest = mask ^ (1 << high)
        most = found[rest]
        for task in range(high):
            if rest >> task & 1 and distance[high, task] > most:
                most = distance[high, task]
        found[mask] = most
    return found


@compiled
def clustering_costs(ids: Ids, n_groups: Ids, diameters: Floats) -> Floats:
    """Give the mean over groups of the largest distance inside, for every partition."""
    found = np.empty(len(ids))
    masks = np.zeros(ids.shape[1], dtype=np.int64)
    for row in range(len(ids)):
        for group in range(n_groups[row]):
            masks[group] = 0
        for task in range(ids.shape[1]):
            masks[ids[row, task]] |= 1 << task
        total = 0.0
        for group in range(n_groups[row]):
            total += diameters[masks[group]]
        found[row] = total / n_groups[row]
    return found


@compiled
def merges(ids: Ids, n_groups: Ids, extensions: Ints, starts: Ints, out: Places) -> None:
    """Write the place of every partition that merging two groups of one leads to.

    Args:
        ids: As in ``Partitions``.
        n_groups: As in ``Partitions``.
        extensions: ``extensions[left, groups]``: partitions that go on with ``left`` more tasks from so many groups.
        starts: Where the merges of each partition begin in ``out``, ``[n_partitions + 1]``.
        out: Filled: for groups i < j in order, the place of the partition with both joined.
    """
    n = ids.shape[1]
    for row in range(len(ids)):
        at = starts[row]
        for i in range(n_groups[row]):
            for j in range(i + 1, n_groups[row]):
                place, opened = 0, 1
                for task in range(1, n):
                    group = ids[row, task]
                    if group == j:
                        group = i
                    elif group > j:
                        group -= 1
                    # Those that join an earlier group here come first.
                    place += group * extensions[n - 1 - task, opened]
                    if group == opened:
                        opened += 1
                out[at] = place
                at += 1


@compiled
def spread(order: Ints, starts: Ints, places: Places, limit: float, cost: Floats, groups: Ints, best: Places) -> None:
    """Give each partition the cheapest of itself and its refinements, in place.

    A refinement is reached by single splits, so it is enough that every partition, the finest first,
    hands what it knows to those that one merge makes of it. Equal costs: fewer branches, then canonical order.

    Args:
        order: Places, partitions with most groups first.
        starts: As in ``merges``.
        places: As in ``merges``.
        limit: What costs more than this is no part of the cheapest tree.
        cost: Cost of the best way on from each partition itself; becomes that of the best refinement.
        groups: Branches of that way; changes alike.
        best: Becomes the place of the best refinement.
    """
    for row in range(len(cost)):
        best[row] = row
    for place in range(len(order)):
        row = order[place]
        if cost[row] > limit:
            continue
        for at in range(starts[row], starts[row + 1]):
            to = places[at]
            gap = cost[row] - cost[to]
            slack = 1e-12 * (1.0 + abs(cost[to]))
            if gap < -slack or (
                gap <= slack and (groups[row] < groups[to] or (groups[row] == groups[to] and best[row] < best[to]))
            ):
                cost[to], groups[to], best[to] = cost[row], groups[row], best[row]
