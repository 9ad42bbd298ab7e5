"""Searched orders: exact against trying all, never worse than the rules, and blind to the names of tasks."""

import itertools

import numpy as np
import pytest

from core.errors import FamilyError
from core.families.virtual import search
from core.families.virtual.orders import affinity_orders, check_orders, cyclic_orders, nearest_orders
from core.families.virtual.search import _SwapClimb, _weights, merit_of, searched_orders, shared_below


def _affinity(n_tasks: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).random((n_tasks, n_tasks))
    return drawn + drawn.T


def test_what_two_orders_share_is_counted_level_by_level() -> None:
    one, other = (0, 1, 2, 3), (2, 1, 0, 3)
    by_level = [len({*one[:level]} & {*other[:level]}) / level for level in (1, 2, 3)]
    assert shared_below(one, other) == pytest.approx(np.mean(by_level))
    assert shared_below(one, one) == 1


def test_complete_search_is_as_good_as_trying_all_orders() -> None:
    every = list(itertools.permutations(range(3)))
    for seed in range(4):
        affinity = _affinity(3, seed)
        best = max(merit_of(orders, affinity).value for orders in itertools.product(every, repeat=3))
        found = searched_orders(affinity, 3)
        assert found.exact
        assert found.merit.value == pytest.approx(best)
        assert found.orders[0] == (0, 1, 2)


def test_local_search_reaches_what_complete_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [(_affinity(n_tasks, seed), n_units) for n_tasks, n_units, seed in ((2, 4, 0), (3, 3, 1), (4, 3, 2))]
    exact = [searched_orders(affinity, n_units) for affinity, n_units in cases]
    monkeypatch.setattr(search, "MOST_COMPLETE", 0)
    for (affinity, n_units), best in zip(cases, exact, strict=True):
        found = searched_orders(affinity, n_units)
        assert (best.exact, found.exact) == (True, False)
        assert found.merit.value == pytest.approx(best.merit.value)


def test_searched_orders_are_never_worse_than_the_rules() -> None:
    for n_tasks, n_units in ((3, 3), (2, 7), (3, 7)):
        affinity = _affinity(n_tasks, n_units)
        found = searched_orders(affinity, n_units, starts=0)
        rules = (nearest_orders(n_tasks, n_units), cyclic_orders(n_tasks, n_units), affinity_orders(affinity, n_units))
        assert check_orders(found.orders, n_units) == found.orders
        assert all(found.merit.value >= merit_of(rule, affinity).value - 1e-9 for rule in rules)


def test_merit_does_not_know_the_names_of_tasks_and_units() -> None:
    affinity, rng = _affinity(4, 5), np.random.default_rng(1)
    orders = tuple(tuple(map(int, rng.permutation(4))) for _ in range(4))
    tasks, units = rng.permutation(4), rng.permutation(4)
    renamed = tuple(tuple(int(units[unit]) for unit in orders[task]) for task in tasks)
    before, after = merit_of(orders, affinity), merit_of(renamed, affinity[np.ix_(tasks, tasks)])
    assert after.value == pytest.approx(before.value)


def test_alike_tasks_share_their_first_units_and_balance_decides_among_equals() -> None:
    alike = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=float)
    found = searched_orders(alike, 2, balance=0.1)
    firsts = [order[0] for order in found.orders]
    assert firsts[0] == firsts[1] != firsts[2] == firsts[3]
    assert found.merit.agreement > 0
    assert searched_orders(np.ones((4, 4)), 2).merit.imbalance == 0


def test_holes_and_shapes_are_refused() -> None:
    hole = _affinity(3, 0)
    hole[1, 2] = np.nan
    with pytest.raises(FamilyError, match="tasks 1 and 2"):
        searched_orders(hole, 3)
    with pytest.raises(FamilyError, match=r"\[3, 3\]"):
        merit_of(nearest_orders(3, 3), np.zeros((2, 2)))


@pytest.mark.parametrize(("n_tasks", "n_units"), [(3, 4), (5, 6), (2, 7)])
def test_the_best_swap_is_that_of_all_swaps(n_tasks, n_units):
    rng = np.random.default_rng(3)
    affinity = rng.normal(size=(n_tasks, n_tasks))
    affinity += affinity.T
    climb = _SwapClimb(_weights(affinity, n_tasks), n_units, 1.0)
    orders = tuple(tuple(map(int, rng.permutation(n_units))) for _ in range(n_tasks))
    before, places = merit_of(orders, affinity).value, np.argsort(orders, axis=1)
    for task in range(n_tasks):
        gains = []
        for one, other in itertools.product(range(n_units), repeat=2):
            swapped = places.copy()
            swapped[task, [one, other]] = swapped[task, [other, one]]
            gains.append(merit_of(tuple(map(tuple, np.argsort(swapped, axis=1))), affinity).value - before)
        assert climb._best_swap(places, task)[2] == pytest.approx(max(gains))


def test_a_search_of_the_largest_case_ends_and_no_swap_improves_it():
    rng = np.random.default_rng(4)
    affinity = rng.normal(size=(10, 10))
    affinity += affinity.T
    found = searched_orders(affinity, 40)
    climb = _SwapClimb(_weights(affinity, 10), 40, 1.0)
    assert climb.climbed(found.orders) == found.orders
    assert found.merit.value >= merit_of(cyclic_orders(10, 40), affinity).value
