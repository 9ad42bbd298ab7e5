"""The inner loops of regrafting. Importing this module imports numba."""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Far more than any tree needs; every regraft makes it cheaper, so there is an end anyway.
MOST_REGRAFTS = 10_000


@compiled
def regraft(labels: Ints, distances: Floats, prices: Floats) -> int:
    """Cut off a branch and graft it where the tree is cheapest, until no branch has a cheaper place; in place.

    A branch is a group of tasks with all that splits from it. It can share another path down to any depth; below
    that it stands alone, one group until it split by itself before and then as it was. A graft further down than
    where it split joins what had split.

    Args:
        labels: Smallest task of each task's group at each depth, ``[n_depths, n_tasks]``.
        distances: ``[n_depths, n_tasks, n_tasks]``.
        prices: α times what one more branch adds to the complexity, ``[n_depths]``.

    Returns:
        How many branches moved.
    """
    n_depths, n = labels.shape
    inside = np.zeros(n, dtype=np.bool_)
    shared, alone = np.empty((n_depths, n)), np.empty(n_depths + 1)
    wide = diameters(labels, distances)
    moves, changed = 0, True
    while changed and moves < MOST_REGRAFTS:
        changed = False
        # A task that is alone nowhere is a branch too: that of its head.
        for start in range(n_depths + 1):
            for first in range(n):
                size, above = 0, 0
                for task in range(n):
                    inside[task] = labels[start, task] == first if start < n_depths else task == first
                    size += inside[task]
                    if start > 0 and labels[start - 1, task] == labels[start - 1, first]:
                        above += 1
                # No branch, the whole tree, or one that begins earlier.
                if size == 0 or size == n or above == size:
                    continue
                cost = costs_of_places(labels, wide, inside, start, first, distances, prices, shared, alone)
                best, to, last = alone[0], -1, -1
                for depth in range(n_depths):
                    for task in range(n):
                        if not inside[task]:
                            found = shared[depth, labels[depth, task]] + alone[depth + 1]
                            if found < best - 1e-12 * (1.0 + abs(best)):
                                best, to, last = found, task, depth
                if best < cost - 1e-10 * (1.0 + abs(cost)):
                    graft(labels, inside, start, to, last)
                    wide = diameters(labels, distances)
                    moves += 1
                    changed = True
    return moves


@compiled
def diameters(labels: Ints, distances: Floats) -> Floats:
    """Return the largest distance inside each group, ``[n_depths, n_tasks]``, by its label."""
    n_depths, n = labels.shape
    found = np.zeros((n_depths, n))
    for depth in range(n_depths):
        for task in range(n):
            group = labels[depth, task]
            for other in range(group, task):
                if labels[depth, other] == group:
                    found[depth, group] = max(found[depth, group], distances[depth, task, other])
    return found


@compiled
def costs_of_places(
    labels: Ints,
    wide: Floats,
    inside: Bools,
    start: int,
    first: int,
    distances: Floats,
    prices: Floats,
    shared: Floats,
    alone: Floats,
) -> float:
    """Return the current cost of the tree, and write its cost with a branch elsewhere.

    Args:
        labels: As in ``regraft``.
        wide: As ``diameters`` returns them.
        inside: The tasks of the branch, ``[n_tasks]``.
        start: Where it begins: the first depth at which it is a group; their number where it is none anywhere.
        first: Its smallest task.
        distances: As in ``regraft``.
        prices: As in ``regraft``.
        shared: Becomes what all depths down to one cost if the branch shares a group of the others there,
            ``[n_depths, n_tasks]``, by the label of that group.
        alone: Becomes what all depths from one on cost if it is alone there, ``[n_depths + 1]``.
    """
    n_depths, n = labels.shape
    members, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    # The largest distance from each group of the others to the branch, and whether the group was counted.
    across, seen = np.empty(n), np.empty(n, dtype=np.bool_)
    cost = 0.0
    for depth in range(n_depths):
        own, far = labels[depth], distances[depth]
        across[:], seen[:] = 0.0, False
        whole, left = 0.0, 0.0
        for place in range(len(members)):
            task = members[place]
            for other in others:
                across[own[other]] = max(across[own[other]], far[task, other])
            for before in range(place):
                whole = max(whole, far[task, members[before]])
        split, parts, home = whole, 1, -1
        if depth < start:
            # What the group that the branch is in has inside without it.
            home = own[first]
            for task in others:
                if own[task] == home:
                    for other in others:
                        if other >= task:
                            break
                        if own[other] == home:
                            left = max(left, far[task, other])
        else:
            split, parts = 0.0, 0
            for task in members:
                if own[task] == task:
                    split += wide[depth, task]
                    parts += 1
        rest, branches = 0.0, 0
        for task in others:
            if not seen[own[task]]:
                seen[own[task]] = True
                rest += left if own[task] == home else wide[depth, own[task]]
                branches += 1
        alone[depth] = (rest + split) / (branches + parts) + prices[depth] * (branches + parts - 1)
        cost_shared = prices[depth] * (branches - 1)
        for task in others:
            group = own[task]
            inner = left if group == home else wide[depth, group]
            more = max(across[group], whole, inner) - inner
            above = shared[depth - 1, labels[depth - 1, task]] if depth > 0 else 0.0
            shared[depth, group] = above + (rest + more) / branches + cost_shared
        if depth >= start:
            cost += alone[depth]
        else:
            cost += (rest + max(across[home], whole, left) - left) / branches + cost_shared
    alone[n_depths] = 0.0
    for depth in range(n_depths - 1, -1, -1):
        alone[depth] += alone[depth + 1]
    return cost


@compiled
def graft(labels: Ints, inside: Bools, start: int, to: int, last: int) -> None:
    """Put a branch elsewhere, in place: it shares the path of the task ``to`` down to the depth ``last``, or none."""
    n_depths, n = labels.shape
    named = np.empty(n, dtype=np.int64)
    for depth in range(n_depths):
        for task in range(n):
            if inside[task]:
                if depth <= last:
                    labels[depth, task] = labels[depth, to]
                elif depth < start:
                    labels[depth, task] = n
        # A group may have lost the task that it was named after.
        for task in range(n):
            named[task] = task
            for other in range(task):
                if labels[depth, other] == labels[depth, task]:
                    named[task] = other
                    break
        labels[depth] = named
