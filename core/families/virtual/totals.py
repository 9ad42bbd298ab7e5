"""What the levels of deep virtual networks use and learn: pieces of a layer, gradient totals, densities.

A layer's channels are cut into k units, so a convolution is a k×k grid of pieces from one unit to another. A level with
the units S computes the pieces S×S, which is why its density grows with the square of its width.
"""

import numpy as np
from numpy.typing import NDArray

from core.backbones.division import Division
from core.families.virtual.orders import Orders


def gradient_totals(orders: Orders) -> NDArray[np.int64]:
    """Return how many (task, level) networks use each piece, ``[n_units, n_units]``; all are trained together.

    A piece gets that many gradients in every step. The diagonal holds the totals of the units.

    Args:
        orders: One permutation of the units for each task; every prefix is a level.
    """
    n_units = len(orders[0])
    totals = np.zeros((n_units, n_units), dtype=np.int64)
    for order in orders:
        places = np.argsort(order)
        totals += n_units - np.maximum.outer(places, places)
    return totals


def unit_totals(orders: Orders) -> NDArray[np.int64]:
    """Return how many (task, level) networks use each unit, ``[n_units]``.

    >>> from core.families.virtual.orders import nearest_orders
    >>> unit_totals(nearest_orders(4, 4)).tolist()
    [9, 12, 11, 8]
    """
    return np.diagonal(gradient_totals(orders)).copy()


def widths(n_units: int, base: float = 0.0) -> NDArray[np.float64]:
    """Return the share of a layer's channels that each level has, ``[n_units]``.

    Args:
        n_units: Number of units, which is the number of levels.
        base: Share of the channels that every level has; the rest is cut into units.

    Raises:
        FamilyError: A number is out of range.
    """
    base = Division(n_units, base).base
    return base + (1 - base) * np.arange(1, n_units + 1) / n_units


def densities(n_units: int, base: float = 0.0) -> NDArray[np.float64]:
    """Return the share of a convolution's parameters that each level has, ``[n_units]``: the square of its width.

    Heads, norms and the first convolution are not counted.

    >>> densities(3, 0.25).tolist()
    [0.25, 0.5625, 1.0]

    Raises:
        FamilyError: As ``widths``.
    """
    density: NDArray[np.float64] = widths(n_units, base) ** 2
    return density
