"""Orders of units: permutations, the paper's arithmetic, and refusals."""

import numpy as np
import pytest

from core.errors import FamilyError
from core.families.virtual.orders import (
    RULES,
    Orders,
    affinity_orders,
    check_orders,
    cyclic_orders,
    first_units,
    nearest_orders,
    orders_of,
)

SIZES = [(n_tasks, n_units) for n_tasks in (1, 2, 3, 5, 9) for n_units in (2, 3, 4, 7)]


def _affinity(n_tasks: int, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).random((n_tasks, n_tasks))
    return drawn + drawn.T


def test_orders_are_permutations_that_begin_with_the_tasks_own_unit() -> None:
    for n_tasks, n_units in SIZES:
        for rule in RULES:
            orders = orders_of(rule, n_tasks, n_units, _affinity(n_tasks))
            assert check_orders(orders, n_units) == orders
            assert [order[0] for order in orders] == first_units(n_tasks, n_units)


def test_first_units_are_spread_from_the_first_to_the_last() -> None:
    assert first_units(4, 4) == [0, 1, 2, 3]
    assert first_units(2, 5) == [0, 4]
    assert first_units(1, 5) == [0]
    # ⌊t(k−1)/(T−1) + ½⌋: 0, 1.25 and 2.5 of units 0 to 5 for three tasks are 0, 3 and 5.
    assert first_units(3, 6) == [0, 3, 5]
    assert first_units(5, 3) == [0, 1, 1, 2, 2]


def test_nearest_goes_outwards_and_cyclic_round() -> None:
    assert nearest_orders(5, 5)[2] == (2, 1, 3, 0, 4)
    assert nearest_orders(4, 4)[1] == (1, 0, 2, 3)
    assert cyclic_orders(4, 4)[2] == (2, 3, 0, 1)


def test_an_affinity_that_falls_with_distance_gives_the_nearest_orders() -> None:
    for n in (2, 3, 4, 6):
        place = np.arange(n)
        assert affinity_orders(-np.abs(place[:, None] - place).astype(float), n) == nearest_orders(n, n)


def test_affinity_leads_to_the_unit_of_the_task_that_is_most_alike() -> None:
    affinity = np.zeros((4, 4))
    affinity[0, 3] = affinity[3, 0] = 1.0
    orders = affinity_orders(affinity, 4)
    assert orders[0][:2] == (0, 3)
    assert orders[3][:2] == (3, 0)


def _refused(orders: Orders, n_units: int) -> str:
    with pytest.raises(FamilyError) as refused:
        check_orders(orders, n_units)
    return str(refused.value)


def test_what_is_no_permutation_is_named() -> None:
    assert "task 1" in _refused(((0, 1, 2), (0, 1, 1)), 3)
    assert "task 0" in _refused(((0, 1),), 3)
    assert "2 to 64 units" in _refused(((0,),), 1)


def test_numbers_and_holes_are_refused_with_a_sentence() -> None:
    with pytest.raises(FamilyError, match="1 to 40 tasks"):
        nearest_orders(41, 3)
    with pytest.raises(FamilyError, match="2 to 64 units"):
        cyclic_orders(3, 65)
    hole = _affinity(3)
    hole[0, 2] = np.nan
    with pytest.raises(FamilyError, match="tasks 0 and 2"):
        affinity_orders(hole, 3)
    with pytest.raises(FamilyError, match="needs the affinity"):
        orders_of("affinity", 3, 3)
