"""Families on one plane: front, best within a budget, differences, areas."""

import numpy as np
import pytest
from scipy import stats

from core.plane.comparison import Comparison
from core.plane.difference import difference
from core.plane.expected_gains import ExpectedGains, expected_gains
from core.plane.hypervolume import areas_under_fronts
from tests.core.plane.networks import QUESTION, UNIT, network

SINGLE = network("single-task networks", 100, [0.0] * 5, family="single")


def compared(points, whole=100.0):
    return Comparison(expected_gains(points, rng=np.random.default_rng(0)), QUESTION, UNIT, whole)


def given(draws, costs, families):
    """A comparison whose draws are known."""
    draws = np.asarray(draws, dtype=float)
    means = draws.mean(axis=0)
    points = tuple(
        network(str(n), cost, [mean - 1, mean + 1], family=family)
        for n, (cost, mean, family) in enumerate(zip(costs, means, families, strict=True))
    )
    return Comparison(ExpectedGains(points, means, draws), QUESTION, UNIT, 100.0)


def test_probabilities_are_counts_of_draws():
    rng = np.random.default_rng(3)
    costs, families = rng.permutation([10, 20, 20, 35, 50, 50, 90, 120]), list("xyzxyzxy")
    draws = rng.normal(0, 1, (200, 8))
    found = given(draws, costs, families)
    for network_ in found.networks:
        n = network_.place
        beaten = [
            any(
                (costs[m] < costs[n] and row[m] >= row[n]) or (costs[m] == costs[n] and row[m] > row[n])
                for m in range(8)
            )
            for row in draws
        ]
        assert found.front_probability(network_) == pytest.approx(1 - np.mean(beaten))
    for limit in (10, 20, 60, 200):
        within = [n for n in range(8) if costs[n] <= limit]
        winners = [max(within, key=lambda n: row[n]) for row in draws]
        answer = found.within(limit)
        assert answer.best.place == max(within, key=lambda n: found.gains.means[n])
        for family in {families[n] for n in within}:
            share = np.mean([families[winner] == family for winner in winners])
            assert answer.by_family[family] == pytest.approx(share)
        assert sum(answer.by_family.values()) == pytest.approx(1)
        assert answer.family == max(answer.by_family, key=answer.by_family.get)
        near = [row[answer.advised.place] >= max(row[n] for n in within) - 0.2 for row in draws]
        assert answer.near == pytest.approx(np.mean(near))
    assert found.within(9) is None


def test_of_those_that_noise_cannot_tell_from_the_best_the_cheapest_is_advised():
    noise = np.array([1.0, -1.0, 0.5, -0.5, 0.0])
    best, same = network("best", 80, 3 + noise), network("same", 40, 2.9 - noise, family="other")
    worse, losing = network("worse", 20, 1 + 0.1 * noise), network("losing", 10, -0.5 + 20 * noise, family="other")
    found = compared([best, same, worse, losing, SINGLE])
    answer = found.within_share(1.0)
    assert (answer.best.point.label, answer.advised.point.label, answer.is_cheaper) == ("best", "same", True)
    assert answer.alike == ("other",) if answer.family == "any" else ("any",)
    assert found.within_share(0.3).advised.point.label == "worse"
    # Noise can't tell it from the worse one either, but it may well lose.
    assert found.difference(found.priced(worse), found.priced(losing)).is_within_noise
    assert set(found.by_percent()) == set(range(10, 101, 10))
    assert found.by_percent()[10].best.point.label == "losing"


def test_networks_of_one_seed_compete_without_a_probability():
    found = compared([network("x", 10, [5.0], family="one"), network("y", 20, [1.0, 2.0, 1.5]), SINGLE])
    answer = found.within_share(0.5)
    assert (answer.best.point.label, answer.probability, answer.unknown) == ("x", None, ("one",))
    assert found.front_probability(found.priced(answer.best.point)) is None
    alone = compared([network("x", 10, [5.0], family="one")])
    assert alone.within_share(0.5).by_family == {}
    assert alone.within_share(0.5).family == "one"
    assert alone.hypervolumes()[None].interval is None


def test_single_task_networks_win_where_all_others_lose():
    rng = np.random.default_rng(0)
    found = compared([network("x", 30, rng.normal(-5, 0.1, 5)), SINGLE])
    assert found.within_share(0.99).family == "any"
    assert found.within_share(1.0).family == "single"
    assert found.within_share(1.0).certainty == 1.0


def test_a_difference_is_paired_over_common_seeds_and_else_that_of_welch():
    one, other = {0: 3.0, 1: 4.0, 2: 8.0, 7: 90.0}, {0: 2.5, 1: 3.0, 2: 6.9, 8: -90.0}
    found = difference(network("x", 1, one), network("y", 1, other))
    paired = stats.ttest_rel([3, 4, 8], [2.5, 3, 6.9]).confidence_interval(0.9)
    assert (found.n_paired, found.mean) == (3, pytest.approx(np.mean([0.5, 1.0, 1.1])))
    assert found.interval == pytest.approx((paired.low, paired.high))
    x, y = [1.0, 2.0, 4.0], [7.0, 3.0, 4.5, 5.0]
    apart = difference(network("x", 1, x), network("y", 1, dict(enumerate(y, start=10))))
    welch = stats.ttest_ind(x, y, equal_var=False).confidence_interval(0.9)
    assert (apart.n_paired, apart.interval) == (0, pytest.approx((welch.low, welch.high)))
    # What gains are measured against is no sample, whichever seeds it has.
    assert difference(network("x", 1, x), SINGLE).interval == pytest.approx(network("x", 1, x).interval)
    assert difference(SINGLE, network("x", 1, x)).mean == pytest.approx(-np.mean(x))
    assert difference(network("x", 1, [1.0]), network("y", 1, [2.0])).is_within_noise is None


def test_the_area_is_the_mean_gain_over_budgets():
    costs, gains = np.array([0.2, 0.4, 0.7, 1.3]), np.array([[1.0, 0.5, 3.0, 9.0], [-4.0, -3.0, -3.5, 0.0]])
    budgets = (np.arange(20_000) + 0.5) / 20_000
    best = [[max([-2.0, *(g for c, g in zip(costs, row, strict=True) if c <= b)]) for b in budgets] for row in gains]
    assert areas_under_fronts(costs, gains, -2.0) == pytest.approx(np.mean(best, axis=1) + 2.0, abs=1e-3)


def test_areas_of_families_have_one_reference():
    rng = np.random.default_rng(5)
    x, y = network("x", 20, rng.normal(1, 0.1, 5), "x"), network("y", 50, rng.normal(-3, 0.1, 5), "y")
    found = compared([x, y, SINGLE]).hypervolumes()
    assert {area.reference_gain for area in found.values()} == {y.gain}
    assert found["x"].area == pytest.approx(0.8 * (x.gain - y.gain), abs=0.1)
    assert found[None].area >= max(found["x"].area, found["y"].area)
    assert found["x"].interval[0] < found["x"].area < found["x"].interval[1]
    assert found["single"].area == 0
