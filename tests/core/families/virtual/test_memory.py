"""Which level each task can afford: exact for every budget, against looking at every choice."""

import itertools

import numpy as np
import pytest

from core.errors import BudgetError
from core.families.virtual import memory
from core.families.virtual.memory import (
    Footprint,
    MemoryQuestion,
    best_levels,
    complete_front,
    searched_front,
)
from core.families.virtual.orders import cyclic_orders, nearest_orders
from core.families.virtual.payload import LevelRecord, VirtualPayload

RNG = np.random.default_rng


def footprint_of(n_tasks, n_units, seed, orders=None):
    rng = RNG(seed)
    if orders is None:
        orders = tuple(tuple(map(int, rng.permutation(n_units))) for _ in range(n_tasks))
    pairs = np.triu(rng.integers(1, 200, (n_units, n_units)))
    own = np.sort(rng.integers(1, 120, (n_tasks, n_units)), axis=1)
    return Footprint(orders, pairs, int(rng.integers(0, 50)), own)


def gains_of(footprint, seed):
    return RNG(1000 + seed).normal(-2, 3, footprint.shape)


def brute_force(gains, footprint, question):
    """Return (cost, score) of every choice that no other beats, by its definition."""
    n_tasks, n_levels = footprint.shape
    found = []
    for levels in itertools.product(range(n_levels), repeat=n_tasks):
        active = [set(footprint.orders[task][: level + 1]) for task, level in enumerate(levels)]
        held = []
        for group in [active] if question is MemoryQuestion.ALL else [[each] for each in active]:
            pieces = {(i, j) for units in group for i in units for j in units if i <= j}
            held.append(footprint.common + sum(int(footprint.pairs[piece]) for piece in pieces))
        owns = [int(footprint.own[task, level]) for task, level in enumerate(levels)]
        if question is MemoryQuestion.ALL:
            cost = held[0] + sum(owns)
        else:
            cost = max(shared + own for shared, own in zip(held, owns, strict=True))
        found.append((cost, float(np.mean([gains[task, level] for task, level in enumerate(levels)]))))
    front = []
    for cost, score in sorted(found, key=lambda each: (each[0], -each[1])):
        if not front or score > front[-1][1] + 1e-9:
            front.append((cost, score))
    return front


def written(front):
    return [(each.cost, pytest.approx(each.score)) for each in front]


@pytest.mark.parametrize("question", MemoryQuestion)
@pytest.mark.parametrize(("n_tasks", "n_units"), [(1, 3), (2, 2), (3, 4), (4, 3), (5, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_levels_are_those_of_brute_force(question, n_tasks, n_units, seed):
    footprint = footprint_of(n_tasks, n_units, seed)
    gains = gains_of(footprint, seed)
    found = best_levels(gains, footprint, question)
    assert written(found) == brute_force(gains, footprint, question)
    for each in found:
        assert footprint.cost(each.levels, question) == each.cost
        assert each.score == pytest.approx(np.mean([gains[t, level] for t, level in enumerate(each.levels)]))


@pytest.mark.parametrize("orders", [nearest_orders, cyclic_orders])
@pytest.mark.parametrize("seed", range(6))
def test_both_searches_find_the_same(orders, seed):
    footprint = footprint_of(5, 4, seed, orders(5, 4))
    gains = gains_of(footprint, seed)
    assert searched_front(gains, footprint) == complete_front(gains, footprint)


@pytest.mark.parametrize("seed", range(3))
def test_equal_gains_give_the_lower_levels(seed):
    footprint = footprint_of(4, 3, seed)
    gains = np.tile([[1.0, 1.0, 1.0]], (4, 1))
    for front in (searched_front(gains, footprint), complete_front(gains, footprint)):
        assert [each.levels for each in front] == [(0, 0, 0, 0)]


def test_more_choices_than_are_looked_at_are_searched():
    footprint = footprint_of(9, 4, 5, nearest_orders(9, 4))
    gains = np.sort(gains_of(footprint, 5), axis=1)
    assert memory.MOST_COMPLETE < 4**9
    found = best_levels(gains, footprint, MemoryQuestion.ALL)
    assert [each.cost for each in found] == sorted({each.cost for each in found})
    assert found[-1].score == pytest.approx(gains.max(axis=1).mean())
    # No choice drawn at random beats the front.
    for levels in RNG(0).integers(0, 4, (2000, 9)):
        cost, score = footprint.params(levels), np.mean([gains[t, level] for t, level in enumerate(levels)])
        assert max(each.score for each in found if each.cost <= cost) >= score - 1e-9 if cost >= found[0].cost else True


def test_what_tasks_share_is_counted_once():
    footprint = footprint_of(2, 3, 0, ((0, 1, 2), (0, 1, 2)))
    alone = footprint.alone()
    both = footprint.params((1, 1))
    assert both == alone[0, 1] + int(footprint.own[1, 1])
    assert both < alone[0, 1] + alone[1, 1]
    assert footprint.cost((1, 1), MemoryQuestion.ONE) == max(alone[0, 1], alone[1, 1])


def test_all_units_of_all_tasks_are_all_weights_and_what_is_their_own():
    record = LevelRecord(shared_params=10, own_params=2, head_params=3, macs=5)
    payload = VirtualPayload(
        records=((record, record), (record, record)),
        pieces=((5, 7), (11, 13)),
        common_params=17,
        edges=(19, 23),
        picture_params=(29, 31, 37),
        steps=((1, 1), (1, 1)),
        metrics={},
    )
    footprint = Footprint.of(payload, ((0, 1), (1, 0)))
    assert footprint.params((1, 1)) == payload.shared_params + 2 * (2 + 3)
    # Unit 0 alone: its piece, its edges and what reads the picture, the common channels, what is its own.
    assert footprint.alone()[0].tolist()[0] == 5 + 19 + 29 + 17 + 37 + 5
    assert footprint.alone()[1].tolist()[0] == 13 + 23 + 31 + 17 + 37 + 5
    # A level of each: units 0 and 1, but not the pieces between them.
    assert footprint.params((0, 0)) == payload.shared_params - 7 - 11 + 2 * 5


@pytest.mark.parametrize("gains", [np.zeros((2, 3)), np.full((3, 3), np.nan), np.zeros(9)])
def test_gains_that_do_not_fit_are_refused(gains):
    with pytest.raises(BudgetError, match="3 tasks on 3 levels"):
        best_levels(gains, footprint_of(3, 3, 0), MemoryQuestion.ALL)


def test_too_many_best_choices_are_a_sentence(monkeypatch):
    monkeypatch.setattr(memory, "MOST_STATES", 5)
    footprint = footprint_of(6, 4, 0)
    with pytest.raises(BudgetError, match="among the best"):
        searched_front(gains_of(footprint, 0), footprint)
