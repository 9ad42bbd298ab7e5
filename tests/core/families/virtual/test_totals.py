"""Gradient totals and densities from the paper's arithmetic, and against counting one by one."""

import numpy as np
import pytest

from core.errors import FamilyError
from core.families.virtual.orders import cyclic_orders, nearest_orders
from core.families.virtual.totals import densities, gradient_totals, unit_totals, widths


def test_unit_totals_of_the_nearest_orders() -> None:
    expected = {2: [3, 3], 3: [6, 7, 5], 4: [9, 12, 11, 8], 5: [13, 17, 18, 16, 11]}
    assert {k: unit_totals(nearest_orders(k, k)).tolist() for k in expected} == expected


def test_cyclic_totals_are_equal() -> None:
    for k in range(2, 9):
        assert set(unit_totals(cyclic_orders(k, k)).tolist()) == {k * (k + 1) // 2}


def test_pieces_are_counted_over_tasks_and_levels() -> None:
    rng = np.random.default_rng(0)
    for n_tasks, n_units in ((1, 3), (3, 3), (2, 5), (4, 4)):
        orders = tuple(tuple(map(int, rng.permutation(n_units))) for _ in range(n_tasks))
        counted = np.zeros((n_units, n_units), dtype=int)
        for order in orders:
            for level in range(1, n_units + 1):
                for one in order[:level]:
                    for other in order[:level]:
                        counted[one, other] += 1
        assert gradient_totals(orders).tolist() == counted.tolist()


def test_densities_are_squares_of_widths() -> None:
    assert densities(3, 0.25).tolist() == [0.25, 0.5625, 1.0]
    assert densities(4) == pytest.approx([1 / 16, 1 / 4, 9 / 16, 1])
    assert widths(2).tolist() == [0.5, 1.0]
    with pytest.raises(FamilyError, match=r"Found 1\."):
        densities(3, 1.0)
