"""What pairs of tasks gain by sharing their first blocks, in sentences."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.ui.formatting import listed, number_word, percent

Array = NDArray[np.float64]
# A smaller difference counts as none: tables are printed with one digit.
NEGLIGIBLE = 0.05


def pair_curves(values: Array) -> dict[tuple[int, int], Array]:
    """Return the mean Δ of the two tasks of each pair over the blocks they share.

    Args:
        values: P without holes, ``[n_tasks, n_tasks, n_blocks + 1]``, percent.

    Returns:
        Pair i < j → ``[n_blocks + 1]``.
    """
    return {(i, j): (values[i, j] + values[j, i]) / 2 for i, j in combinations(range(len(values)), 2)}


def pair_holes(holes: NDArray[np.bool_]) -> dict[tuple[int, int], NDArray[np.bool_]]:
    """Return where the curve of each pair is interpolated, since the gain of one or both tasks is not measured.

    Args:
        holes: Of the two-task table, ``[n_tasks, n_tasks, n_blocks + 1]``.

    Returns:
        Pair i < j → ``[n_blocks + 1]``.
    """
    return {(i, j): holes[i, j] | holes[j, i] for i, j in combinations(range(len(holes)), 2)}


def pair_sentence(
    pair: tuple[int, int],
    curve: Array,
    shared: int,
    tasks: Sequence[str],
    holes: NDArray[np.bool_] | None = None,
) -> str:
    """Return what a pair gains by sharing its blocks, and what sharing more or fewer would give.

    Args:
        pair: The two tasks.
        curve: Mean Δ of the two over the blocks they share, ``[n_blocks + 1]``, percent.
        shared: Blocks they share in the layout.
        tasks: Task names.
        holes: Where the curve is interpolated, ``[n_blocks + 1]``; None for nowhere.

    >>> pair_sentence((0, 1), np.array([0.0, 1.0, 2.1, -10.0]), 2, ["normals", "depth"])
    'normals and depth gain +2.1 % by sharing the first two blocks, and would lose 10.0 % if they shared all three.'
    """
    last = len(curve) - 1

    def mark(place: int) -> str:
        return " (interpolated)" if holes is not None and holes[place] else ""

    names = listed([tasks[task] for task in pair])
    if shared == 0:
        best = _most_shared_best(curve)
        if curve[best] < NEGLIGIBLE:
            return (
                f"{names} share nothing, and would {_verb(curve[last])}{mark(last)} if they shared "
                f"{_blocks(last, last)}."
            )
        return (
            f"{names} share nothing here, though sharing {_blocks(best, last)} would gain them {percent(curve[best])}"
            f"{mark(best)}."
        )
    said = f"{names} {_verb(curve[shared])}{mark(shared)} by sharing {_blocks(shared, last)}"
    if shared < last:
        return f"{said}, and would {_verb(curve[last])}{mark(last)} if they shared {_all(last)}."
    best = _most_shared_best(curve)
    if best < last:
        guess = ", interpolated" if mark(best) else ""
        less = (
            f"{_blocks(best, last)} would be better for them ({percent(curve[best])}{guess})"
            if best
            else "separate networks would be better"
        )
        return f"{said}; {less}, but fewer shared blocks cost more."
    return f"{said}; sharing fewer blocks would not be better for them."


def _most_shared_best(curve: Array) -> int:
    """Return how many blocks the best sharing has; of those equal to it the most, which cost least."""
    return int(np.flatnonzero(curve.max() - curve < NEGLIGIBLE)[-1])


def _verb(value: float) -> str:
    if abs(value) < NEGLIGIBLE:
        return "break even"
    return f"gain {percent(value)}" if value > 0 else f"lose {_size(value)}"


def _size(value: float) -> str:
    return percent(abs(value)).lstrip("+")


def _all(last: int) -> str:
    return "both" if last == 2 else f"all {number_word(last)}"


def _blocks(shared: int, last: int) -> str:
    if shared == last:
        return f"{_all(last)} blocks" if last > 1 else "the one block"
    return "the first block" if shared == 1 else f"the first {number_word(shared)} blocks"
