"""What the exact search need not look at: bounds on all layouts below a node of its tree.

See ``core.selection.kernels`` for the notation. Importing this module imports numba.
"""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def hopeless(
    value: Floats, cost: float, groups: int, keys: Ints, n: int, lanes: Floats, steps: Floats, limit: float
) -> bool:
    """Return whether no layout below this node is within the limit and better than ``keys[n - 1]``."""
    if cost > limit:
        return True
    if n == 0:
        return False
    floor, beat = (keys[n - 1, 0] - 0.5) * steps[0], (keys[n - 1, 0] + 0.5) * steps[0]
    most = steps[2]
    tie = False
    for k in range(lanes.shape[1]):
        bound = value[k] + lanes[0, k] * limit + lanes[1, k] * most + lanes[2, k]
        if bound < floor:
            return True
        tie = tie or bound < beat
    if not tie:
        return False
    # The score can only equal the last one's, so the cost may not be higher than its cost.
    most_expensive, cheaper = (keys[n - 1, 1] + 0.5) * steps[1], (keys[n - 1, 1] - 0.5) * steps[1]
    if cost > most_expensive:
        return True
    tie = cost >= cheaper
    for k in range(lanes.shape[1]):
        bound = value[k] + lanes[1, k] * most + lanes[2, k]
        if bound + lanes[0, k] * most_expensive < floor:
            return True
        tie = tie or bound + lanes[0, k] * cheaper < floor
    if not tie:
        return False
    # Score and cost can only equal the last one's, so there must be fewer groups.
    fewer = keys[n - 1, 2] - 1
    if groups > fewer:
        return True
    for k in range(lanes.shape[1]):
        if value[k] + lanes[0, k] * most_expensive + lanes[1, k] * fewer + lanes[2, k] < floor:
            return True
    return False


@compiled
def least_value_needed(keys: Ints, n: int, warm: Ints, lanes: Floats, steps: Floats, limit: float) -> float:
    """Return the least value in lane 0 that a node needs: a quick test before the full one."""
    slack = lanes[1, 0] * steps[2] + lanes[2, 0]
    needed = -np.inf
    if n == len(keys):
        needed = (keys[n - 1, 0] - 0.5) * steps[0] - lanes[0, 0] * limit - slack
    if len(warm) > 0:
        needed = max(needed, (warm[0, 0] - 0.5) * steps[0] - lanes[0, 0] * limit - slack)
    return needed
