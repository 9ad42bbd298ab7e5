"""The inner loops that fill Lagrangian tables and read an optimum off them.

See ``core.selection.kernels`` for the notation. Importing this module imports numba.
"""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import HAS_NUMBA, compiled

Floats = NDArray[np.float64]
Masks = NDArray[np.int32]


@compiled
def _fill_one(worth: Floats, here: Floats) -> None:
    """Fill one block of one lane. Unsigned indices spare the test for negative ones."""
    high, one = np.uint64(1), np.uint64(1)
    for tasks in range(np.uint64(1), np.uint64(len(here))):
        if tasks >= high << one:
            high = high << one
        rest = tasks ^ high
        top = worth[tasks]
        sub = rest
        while sub:
            sub = (sub - one) & rest
            top = max(top, worth[high | sub] + here[rest ^ sub])
        here[tasks] = top


@compiled
def _fill_four(worth: Floats, here: Floats) -> None:
    """Fill one block of four lanes together: they share the arithmetic of masks."""
    high, one = np.uint64(1), np.uint64(1)
    k0, k1, k2, k3 = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)
    for tasks in range(np.uint64(1), np.uint64(len(here))):
        if tasks >= high << one:
            high = high << one
        rest = tasks ^ high
        top0, top1, top2, top3 = worth[tasks, k0], worth[tasks, k1], worth[tasks, k2], worth[tasks, k3]
        sub = rest
        while sub:
            sub = (sub - one) & rest
            group, other = high | sub, rest ^ sub
            top0 = max(top0, worth[group, k0] + here[other, k0])
            top1 = max(top1, worth[group, k1] + here[other, k1])
            top2 = max(top2, worth[group, k2] + here[other, k2])
            top3 = max(top3, worth[group, k3] + here[other, k3])
        here[tasks, k0], here[tasks, k1], here[tasks, k2], here[tasks, k3] = top0, top1, top2, top3


def fill_compiled(gains: Floats, penalties: Floats, best: Floats) -> None:
    """Fill ``best [n_blocks + 1, 2^n_tasks, n_lanes]``; peels the group of the highest task."""
    n_blocks, size = gains.shape
    best[n_blocks] = 0.0
    for start in range(0, len(penalties), 4):
        n = min(4, len(penalties) - start)
        width = 1 if n == 1 else 4
        below = np.zeros((size, width))
        for block in range(n_blocks - 1, -1, -1):
            worth = np.zeros((size, width))
            worth[:, :n] = gains[block][:, None] - penalties[start : start + n, block]
            worth += below
            below = np.zeros((size, width))
            if width == 1:
                _fill_one(worth[:, 0], below[:, 0])
            else:
                _fill_four(worth, below)
            best[block, :, start : start + n] = below[:, :n]


def fill_plain(gains: Floats, penalties: Floats, best: Floats) -> None:
    """Fill ``best`` as ``fill_compiled`` does, one numpy call per set of tasks."""
    n_blocks, size = gains.shape
    best[n_blocks] = 0.0
    for block in range(n_blocks - 1, -1, -1):
        here = best[block]
        here[0] = 0.0
        worth = gains[block][:, None] - penalties[:, block] + best[block + 1]
        subsets = [np.zeros(1, dtype=np.int64)]
        for high in (1 << np.arange(size.bit_length() - 1)).tolist():
            within = np.arange(high)
            for rest in range(high):
                subs = within[(within & ~rest) == 0] if rest else subsets[0]
                here[high | rest] = np.max(worth[high | subs] + here[rest ^ subs], axis=0)


fill = fill_compiled if HAS_NUMBA else fill_plain


@compiled
def trace(gains: Floats, penalty: Floats, best: Floats, lane: int, member: Masks) -> float:
    """Write a best layout of a lane to ``member [n_blocks, n_tasks]`` and return the sum of its gains.

    ``member[b, t]`` is the mask of the group of task t at block b. Of equal choices the largest
    group is taken.
    """
    n_blocks, n_tasks = member.shape
    everything = (1 << n_tasks) - 1
    total = 0.0
    for block in range(n_blocks):
        left = everything
        for task in range(n_tasks - 1, -1, -1):
            if not left >> task & 1:
                continue
            tasks = left if block == 0 else left & member[block - 1, task]
            high = 1 << task
            rest = tasks ^ high
            chosen, value = tasks, -np.inf
            sub = rest
            while True:
                group = high | sub
                here = gains[block, group] - penalty[block] + best[block + 1, group, lane]
                if rest != sub:
                    here += best[block, rest ^ sub, lane]
                if here > value:
                    chosen, value = group, here
                if sub == 0:
                    break
                sub = (sub - 1) & rest
            total += gains[block, chosen]
            left ^= chosen
            for other in range(n_tasks):
                if chosen >> other & 1:
                    member[block, other] = chosen
    return total
