import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.estimators.halves import Regret, halves_of, regret_of


@given(st.integers(2, 12))
def test_halves_are_halves_and_each_split_counts_once(n_seeds):
    found = [tuple(half.tolist()) for half in halves_of(n_seeds, np.random.default_rng(0))]
    assert all(sum(half) == n_seeds // 2 for half in found)
    if n_seeds <= 8:
        assert len(set(found)) == len(found)
        mirrored = {tuple(not there for there in half) for half in found}
        assert not mirrored & set(found)


def test_one_seed_is_chosen_on_one_split_and_judged_on_the_other():
    validation, test = np.array([[1.0, 2.0, 0.0]]), np.array([[5.0, 3.0, 4.0]])
    assert regret_of([2], validation, test, np.random.default_rng(0)) == Regret(-1.0)


@pytest.mark.parametrize("n_seeds", [2, 3, 4])
def test_both_halves_choose_and_both_judge(n_seeds):
    rng = np.random.default_rng(n_seeds)
    validation, test = rng.normal(size=(2, n_seeds, 6))
    lost = []
    for half in halves_of(n_seeds, rng):
        for one, other in ((half, ~half), (~half, half)):
            judged = test[other].mean(axis=0)
            lost.append(judged[validation[one].mean(axis=0).argmax()] - judged[4])
    found = regret_of([4], validation, test, rng)
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(lost), min(lost), max(lost)))
    chance = np.zeros(6)
    chance[4] = 1
    assert regret_of(chance, validation, test, rng) == found


def test_of_several_places_the_best_where_it_is_chosen_counts():
    validation = np.array([[0.0, 2.0, 1.0], [0.0, 2.0, 1.0]])
    test = np.array([[9.0, 1.0, 0.0], [9.0, 1.0, 0.0]])
    assert regret_of([1, 2], validation, test, np.random.default_rng(0)) == Regret(0.0, 0.0, 0.0)
    assert regret_of([0, 2], validation, test, np.random.default_rng(0)) == Regret(1.0, 1.0, 1.0)
