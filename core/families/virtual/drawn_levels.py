"""Which levels learn in a step of a joint training, and how often each did."""

from typing import Final

import numpy as np

from core.families.virtual.request import Levels

# Tells the drawn levels from other random numbers of a seed.
_DRAWN: Final = 3


def drawn_levels(levels: Levels, shape: tuple[int, int], seed: int, step: int) -> list[list[int]]:
    """Return which levels of each task learn in a step, from seed and step alone, so that resuming draws them again.

    Args:
        levels: The rule.
        shape: Numbers of tasks and levels.
        seed: Of the training.
        step: From 0.

    >>> drawn_levels("sandwich", (2, 2), 0, 0), drawn_levels("last", (1, 4), 0, 0)
    ([[0, 1], [0, 1]], [[3]])
    """
    n_tasks, n_levels = shape
    match levels:
        case "all":
            return [[*range(n_levels)]] * n_tasks
        case "last":
            return [[n_levels - 1]] * n_tasks
        case "sampled":
            rng = np.random.default_rng([seed, step, _DRAWN])
            return [[int(level)] for level in rng.integers(n_levels, size=n_tasks)]
        case "sandwich":
            if n_levels == 2:
                return [[0, 1]] * n_tasks
            rng = np.random.default_rng([seed, step, _DRAWN])
            return [[0, int(level), n_levels - 1] for level in rng.integers(1, n_levels - 1, size=n_tasks)]


def steps_of(levels: Levels, shape: tuple[int, int], seed: int, n_steps: int) -> list[list[int]]:
    """Return in how many of the first steps each level learned, ``[n_tasks][n_levels]``."""
    found = np.zeros(shape, dtype=np.int64)
    for step in range(n_steps):
        for task, chosen in enumerate(drawn_levels(levels, shape, seed, step)):
            found[task, chosen] += 1
    counts: list[list[int]] = found.tolist()
    return counts
