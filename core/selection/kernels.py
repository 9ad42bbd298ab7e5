"""The inner loop of the exact search: a depth-first branch and bound.

Tasks are bits of a mask. ``gains[b, A]`` is what group A earns by sharing block b, so the score
of a layout is a constant plus the gains of all its groups. A *lane* k prices every group of
block b at ``penalties[k, b] = multiplier[k] · costs[b] + toll[k]``; ``best[b, S, k]`` is the
greatest Σ (gain − penalty) with which the tasks S, together until block b, can go on from there.
For every layout, score ≤ best + multiplier · cost + toll · groups: the bound the search prunes by.

Importing this module imports numba; it is imported on first use.
"""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled
from core.selection.filling import fill, trace
from core.selection.pruning import hopeless, least_value_needed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Masks = NDArray[np.int32]

__all__ = ["explore", "fill", "trace"]


@compiled
def _better(leaf0: int, leaf1: int, leaf2: int, keys: Ints, i: int) -> bool:
    """Return whether a leaf comes strictly before point i: higher score, lower cost, fewer groups."""
    if leaf0 != keys[i, 0]:
        return bool(leaf0 > keys[i, 0])
    if leaf1 != keys[i, 1]:
        return bool(leaf1 < keys[i, 1])
    return bool(leaf2 < keys[i, 2])


@compiled
def _copy(found: Masks, place: int, member: Masks) -> None:
    """Enter a layout. Loops compile several times faster than slices."""
    for block in range(member.shape[0]):
        for task in range(member.shape[1]):
            found[place, block, task] = member[block, task]


@compiled
def _move(keys: Ints, found: Masks, start: int, end: int) -> None:
    """Move an entry of the list."""
    for k in range(3):
        keys[end, k] = keys[start, k]
    for block in range(found.shape[1]):
        for task in range(found.shape[2]):
            found[end, block, task] = found[start, block, task]


@compiled
def _record(leaf0: int, leaf1: int, leaf2: int, member: Masks, keys: Ints, found: Masks, n: int) -> int:
    """Enter a leaf into the list of the best, in order, and return the list's new length."""
    place = 0
    while place < n and not _better(leaf0, leaf1, leaf2, keys, place):
        place += 1
    if place >= len(keys):
        return n
    end = min(n, len(keys) - 1)
    for i in range(end, place, -1):
        _move(keys, found, i - 1, i)
    keys[place, 0], keys[place, 1], keys[place, 2] = leaf0, leaf1, leaf2
    _copy(found, place, member)
    return end + 1


@compiled
def _sort_falling(order: Floats, masks: Masks, start: int, end: int) -> None:
    """Sort ``masks[start:end]`` so that ``order`` falls (shell sort, in place)."""
    gap = (end - start) // 2
    while gap > 0:
        for i in range(start + gap, end):
            key, mask = order[i], masks[i]
            j = i
            while j >= start + gap and order[j - gap] < key:
                order[j], masks[j] = order[j - gap], masks[j - gap]
                j -= gap
            order[j], masks[j] = key, mask
        gap //= 2


@compiled
def explore(
    by_rank: bool,
    gains: Floats,
    best: Floats,
    penalties: Floats,
    lanes: Floats,
    costs: Floats,
    constant: float,
    steps: Floats,
    limit: float,
    rank: Floats,
    warm: Ints,
    keys: Ints,
    found: Masks,
) -> int:
    """Walk the tree of layouts, pruned by the lanes, and return how many are found.

    Args:
        by_rank: Visit layouts in canonical order, so that of equal ones the first is kept;
            otherwise the most promising first.
        gains: ``[n_blocks, 2^n_tasks]``.
        best: ``[n_blocks + 1, 2^n_tasks, n_lanes]`` for the lanes.
        penalties: ``[n_lanes, n_blocks]``.
        lanes: ``[3, n_lanes]``: multiplier, toll, and slack against rounding.
        costs: ``[n_blocks]``.
        constant: Score of all-split.
        steps: What counts as equal in score and in cost; the greatest number of groups.
        limit: The budget.
        rank: ``[2^n_tasks]``, higher for groups that come first in canonical order.
        warm: ``[n, 3]``, n = 0 or 1: nothing worse than this key is wanted.
        keys: ``[n_wanted, 3]``: score and cost in steps, and groups, of the best, which come first.
        found: ``[n_wanted, n_blocks, n_tasks]``: group of every task at every block.
    """
    n_blocks, size = gains.shape
    n_tasks = found.shape[2]
    n_lanes = penalties.shape[0]
    everything = size - 1
    tail = np.zeros(n_blocks + 1)
    for b in range(n_blocks - 1, -1, -1):
        tail[b] = tail[b + 1] + costs[b]
    frames = n_blocks * n_tasks + 1
    f_level, f_left = np.empty(frames, np.int64), np.empty(frames, np.int64)
    f_tasks, f_groups = np.empty(frames, np.int64), np.empty(frames, np.int64)
    f_score, f_cost = np.empty(frames), np.empty(frames)
    f_value = np.empty((frames, n_lanes))
    f_start, f_next, f_end = np.empty(frames, np.int64), np.empty(frames, np.int64), np.empty(frames, np.int64)
    pool = n_blocks * size + size
    masks, order = np.empty(pool, np.int32), np.empty(pool)
    member = np.zeros((n_blocks, n_tasks), np.int32)
    value, trial = np.empty(n_lanes), np.empty(n_lanes)

    level, left, score, cost, groups = 0, everything, constant, tail[0], n_blocks
    for k in range(n_lanes):
        value[k] = constant + best[0, everything, k]
    depth, top, n_found, n_wanted = 0, 0, 0, len(keys)
    arriving = True
    while True:
        if arriving:
            arriving = False
            tasks = 0
            while level < n_blocks:
                if left == 0:
                    level, left = level + 1, everything
                    continue
                low = left & -left
                task = 0
                while not low >> task & 1:
                    task += 1
                tasks = left if level == 0 else left & member[level - 1, task]
                if tasks != low:
                    break
                member[level, task] = low
                left ^= low
            if level == n_blocks:
                leaf0, leaf1 = int(np.floor(score / steps[0] + 0.5)), int(np.floor(cost / steps[1] + 0.5))
                n_found = _record(leaf0, leaf1, groups, member, keys, found, n_found)
                continue
            f_level[depth], f_left[depth], f_tasks[depth], f_groups[depth] = level, left, tasks, groups
            f_score[depth], f_cost[depth] = score, cost
            for k in range(n_lanes):
                f_value[depth, k] = value[k]
            f_start[depth] = f_next[depth] = top
            needed = least_value_needed(keys, n_found, warm, lanes, steps, limit)
            low = tasks & -tasks
            rest = tasks ^ low
            sub = rest
            while True:
                group = low | sub
                other = rest ^ sub
                bound = value[0] - best[level, tasks, 0] + gains[level, group] - penalties[0, level]
                bound += best[level + 1, group, 0] + best[level, other, 0]
                if bound >= needed:
                    masks[top], order[top] = group, rank[group] if by_rank else bound
                    top += 1
                if sub == 0:
                    break
                sub = (sub - 1) & rest
            _sort_falling(order, masks, f_start[depth], top)
            f_end[depth] = top
            depth += 1
            continue
        if depth == 0:
            return n_found
        here = depth - 1
        if f_next[here] == f_end[here]:
            depth, top = here, f_start[here]
            continue
        group = masks[f_next[here]]
        f_next[here] += 1
        level, tasks = f_level[here], f_tasks[here]
        other = tasks ^ group
        cost, groups = f_cost[here], f_groups[here]
        if other:
            cost, groups = cost + tail[level], groups + n_blocks - level
        for k in range(n_lanes):
            trial[k] = f_value[here, k] - best[level, tasks, k] + gains[level, group] - penalties[k, level]
            trial[k] += best[level + 1, group, k] + best[level, other, k]
        useless = cost > limit
        if n_found == n_wanted:
            useless = useless or hopeless(trial, cost, groups, keys, n_found, lanes, steps, limit)
        if useless or hopeless(trial, cost, groups, warm, len(warm), lanes, steps, limit):
            continue
        score = f_score[here] + gains[level, group]
        left = f_left[here] ^ group
        for k in range(n_lanes):
            value[k] = trial[k]
        for t in range(n_tasks):
            if group >> t & 1:
                member[level, t] = group
        arriving = True
