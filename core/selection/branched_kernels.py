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
    """Return the largest distance inside every set of tasks, ``[2 ** n_tasks]``.

    Args:
        distance: ``[n_tasks, n_tasks]``; on the diagonal what a set of one has inside, 0 for a single task.
    """
    n = distance.shape[0]
    found = np.zeros(1 << n)
    for mask in range(1, 1 << n):
        high = 0
        while mask >> (high + 1):
            high += 1
        rest = mask ^ (1 << high)
        most = max(found[rest], distance[high, high])
        for task in range(high):
            if rest >> task & 1 and distance[high, task] > most:
                most = distance[high, task]
        found[mask] = most
    return found


@compiled
def clustering_costs(ids: Ids, n_groups: Ids, diameters: Floats) -> Floats:
    """Return the mean over groups of the largest distance inside, for every partition of one task more.

    Args:
        ids: Partitions of all tasks but the last, as in ``Partitions``.
        n_groups: Their numbers of groups.
        diameters: Largest distance inside every set of tasks at each depth, ``[n_depths, 2 ** n_tasks]``.

    Returns:
        ``[n_depths, n_partitions]``, in the order of ``all_partitions``: the last task joins each group in turn,
        or stands alone.
    """
    n, n_depths = ids.shape[1], diameters.shape[0]
    last = 1 << n
    total = 0
    for row in range(len(ids)):
        total += n_groups[row] + 1
    found = np.empty((n_depths, total))
    masks = np.zeros(n + 1, dtype=np.int64)
    at = 0
    for row in range(len(ids)):
        groups = n_groups[row]
        for group in range(groups):
            masks[group] = 0
        for task in range(n):
            masks[ids[row, task]] |= 1 << task
        for depth in range(n_depths):
            inside = 0.0
            for group in range(groups):
                inside += diameters[depth, masks[group]]
            for group in range(groups):
                joined = diameters[depth, masks[group] | last] - diameters[depth, masks[group]]
                found[depth, at + group] = (inside + joined) / groups
            found[depth, at + groups] = (inside + diameters[depth, last]) / (groups + 1)
        at += groups + 1
    return found


@compiled
def least_clustering(clustering: Floats, n_groups: Ids, pairs: Ints, together: int) -> Floats:
    """Return the smallest clustering cost at one depth by number of groups, ``[n_tasks + 1]``; infinity for none.

    Args:
        clustering: Of every partition at this depth, ``[n_partitions]``.
        n_groups: As in ``Partitions``.
        pairs: As ``pair_masks`` returns them.
        together: Pairs that must not be split, as bits of such a mask.
    """
    found = np.full(n_groups[len(n_groups) - 1] + 1, np.inf)
    for row in range(len(clustering)):
        if clustering[row] < found[n_groups[row]] and pairs[row] & together == together:
            found[n_groups[row]] = clustering[row]
    return found


@compiled
def within(clustering: Floats, n_groups: Ids, pairs: Ints, together: int, limits: Floats) -> Ints:
    """Return the places of the partitions whose clustering costs no more than a limit for their number of groups.

    Args:
        clustering: As in ``least_clustering``.
        n_groups: As in ``Partitions``.
        pairs: As ``pair_masks`` returns them.
        together: Pairs that must not be split.
        limits: ``[n_tasks + 1]``.
    """
    number = 0
    for row in range(len(clustering)):
        if clustering[row] <= limits[n_groups[row]] and pairs[row] & together == together:
            number += 1
    found = np.empty(number, dtype=np.int64)
    number = 0
    for row in range(len(clustering)):
        if clustering[row] <= limits[n_groups[row]] and pairs[row] & together == together:
            found[number] = row
            number += 1
    return found


@compiled
def refine(
    pairs: Ints,
    room: Floats,
    below: Ints,
    after: Floats,
    branches: Ints,
    places: Ints,
    most: int,
    chosen: Ints,
) -> int:
    """Return the cheapest refinement at the next depth of each partition of a depth, by looking through these in order.

    Equal costs: fewer branches, then canonical order.

    Args:
        pairs: Pair masks of the partitions, ``[n]``.
        room: What the cheapest way on may cost above the least that the depths below cost, ``[n]``.
        below: Pair masks at the next depth, those with the cheapest way on first.
        after: Excess of that way on, rising.
        branches: Branches of that way on.
        places: Places in canonical order.
        most: Steps after which it stops.
        chosen: Becomes the place in ``below``, or −1 where none fits into the gap, ``[n]``.

    Returns:
        Steps made; more than ``most`` if it gave up.
    """
    steps = 0
    for row in range(len(pairs)):
        split, limit = ~pairs[row], room[row]
        chosen[row] = -1
        for place in range(len(below)):
            if after[place] > limit:
                break
            steps += 1
            if below[place] & split == 0:
                best = chosen[row]
                if best < 0:
                    chosen[row] = place
                    limit = min(limit, after[place] + 1e-12 * (1.0 + after[place]))
                elif branches[place] < branches[best] or (
                    branches[place] == branches[best] and places[place] < places[best]
                ):
                    chosen[row] = place
        if steps > most:
            return steps
    return steps


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
    """Replace each partition's cost by the cheapest of itself and its refinements, in place.

    A refinement is reached by single splits, so it is enough that every partition, the finest first,
    hands what it knows to those that one merge makes of it. Equal costs: fewer branches, then canonical order.

    Args:
        order: Places, partitions with most groups first.
        starts: As in ``merges``.
        places: As in ``merges``.
        limit: What costs more than this is no part of the cheapest tree.
        cost: Cost of the best way on from each partition itself; becomes that of the best refinement.
        groups: Branches of that way; updated as well.
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
