"""How many layouts there are, as exact integers."""

from functools import cache
from math import comb

from core.errors import LayoutError


@cache
def _count(n_tasks: int, n_blocks: int) -> int:
    if n_tasks == 0 or n_blocks == 0:
        return 1
    return sum(
        comb(n_tasks - 1, size - 1) * _count(size, n_blocks - 1) * _count(n_tasks - size, n_blocks)
        for size in range(1, n_tasks + 1)
    )


def count_layouts(n_tasks: int, n_blocks: int) -> int:
    """Return the number of layouts Z(T, B) of ``n_tasks`` tasks on ``n_blocks`` blocks, exactly.

    Z(T, B) = Σ_k C(T−1, k−1) · Z(k, B−1) · Z(T−k, B), with Z(0, ·) = Z(·, 0) = 1: the group of
    the first task on the first block has k members.

    Args:
        n_tasks: Number of tasks T, 0 or more.
        n_blocks: Number of blocks B, 0 or more.

    Raises:
        LayoutError: A number is negative.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.2.

    >>> count_layouts(5, 5)
    7556
    >>> count_layouts(10, 5)
    26740775306
    """
    if n_tasks < 0 or n_blocks < 0:
        raise LayoutError(f"There are no layouts of {n_tasks} tasks on {n_blocks} blocks. Use numbers from 0.")
    # Filling the cache block by block keeps the recursion shallow for deep networks.
    for block in range(n_blocks):
        _count(n_tasks, block)
    return _count(n_tasks, n_blocks)
