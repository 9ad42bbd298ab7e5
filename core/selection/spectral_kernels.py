"""The inner loop of k-means. Importing this module imports numba."""

import numpy as np
from numpy.typing import NDArray

from core.selection.compiler import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def grouped(places: Floats, n_groups: int, chance: Floats) -> Ints:
    """Return the group of each item: the best of several starts of k-means.

    Args:
        places: Where the items are, ``[n_items, n_dimensions]``.
        n_groups: At most the number of items.
        chance: Uniform random numbers that choose the first centres, far ones rather, ``[n_starts, n_groups]``.

    Reference:
        Arthur and Vassilvitskii, k-means++.
    """
    n, dimensions = places.shape
    best, least = np.zeros(n, dtype=np.int64), np.inf
    centres, distance = np.empty((n_groups, dimensions)), np.empty(n)
    labels, counts = np.zeros(n, dtype=np.int64), np.zeros(n_groups, dtype=np.int64)
    for start in range(len(chance)):
        distance[:] = 1.0
        for group in range(n_groups):
            left, chosen = chance[start, group] * distance.sum(), n - 1
            for item in range(n):
                left -= distance[item]
                if left < 0.0:
                    chosen = item
                    break
            centres[group] = places[chosen]
            for item in range(n):
                gap = 0.0
                for at in range(dimensions):
                    gap += (places[item, at] - places[chosen, at]) ** 2
                if group == 0 or gap < distance[item]:
                    distance[item] = gap
        labels[:] = -1
        total = 0.0
        for _ in range(100):
            moved, total = False, 0.0
            for item in range(n):
                nearest, near = 0, np.inf
                for group in range(n_groups):
                    gap = 0.0
                    for at in range(dimensions):
                        gap += (places[item, at] - centres[group, at]) ** 2
                        if gap >= near:
                            break
                    if gap < near:
                        nearest, near = group, gap
                total += near
                if labels[item] != nearest:
                    labels[item] = nearest
                    moved = True
            if not moved:
                break
            counts[:] = 0
            for item in range(n):
                counts[labels[item]] += 1
            for group in range(n_groups):
                if counts[group] > 0:
                    centres[group] = 0.0
            for item in range(n):
                for at in range(dimensions):
                    centres[labels[item], at] += places[item, at] / counts[labels[item]]
        if total < least - 1e-12 * (1.0 + total):
            least = total
            best[:] = labels
    return best
