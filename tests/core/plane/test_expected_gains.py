"""Draws of expected gains: Student's t of one network, paired differences of two, calibrated for many."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.plane.expected_gains import expected_gains
from core.plane.point import GainOrigin
from tests.core.plane.networks import network


def quantiles(draws):
    return np.quantile(draws, [0.05, 0.5, 0.95])


def test_draws_of_one_network_are_students_t_of_its_seeds():
    values = np.array([1.0, 2.0, 4.0, 4.5, 3.0])
    found = expected_gains([network("x", 1, values)], rng=np.random.default_rng(0), n_draws=100_000)
    law = stats.t(4, values.mean(), values.std(ddof=1) / np.sqrt(5))
    assert quantiles(found.draws[:, 0]) == pytest.approx(law.ppf([0.05, 0.5, 0.95]), abs=0.03)


def test_the_difference_of_two_networks_is_that_of_their_paired_seeds():
    seeds = np.array([5.0, -5.0, 0.0, 9.0])
    apart = np.array([1.0, 1.2, 0.8, 1.4])
    pair = [network("x", 1, seeds + apart), network("y", 2, seeds)]
    found = expected_gains(pair, rng=np.random.default_rng(0), n_draws=100_000)
    law = stats.t(3, apart.mean(), apart.std(ddof=1) / 2)
    assert quantiles(found.draws[:, 0] - found.draws[:, 1]) == pytest.approx(law.ppf([0.05, 0.5, 0.95]), abs=0.02)


def test_one_seed_has_no_draws_and_single_task_networks_gain_nothing_for_sure():
    points = [network("one", 1, [3.0]), network("single", 4, [0.0]), network("two", 2, [1.0, 2.0])]
    points.append(replace(network("p", 2, [9.0]), origin=GainOrigin.PREDICTED, seed_gains={}))
    found = expected_gains(points, rng=np.random.default_rng(0))
    assert found.is_known.tolist() == [False, True, True, False]
    assert not found.draws[:, 1].any()
    assert np.isnan(found.means[3])


def test_networks_of_other_seeds_are_independent_and_a_lacking_seed_is_filled_from_others():
    rng = np.random.default_rng(1)
    base = rng.normal(0, 5, 6)
    complete = [network(str(n), 1, base + rng.normal(0, 0.1, 6)) for n in range(3)]
    lacking = network("lacking", 1, {seed: base[seed] + 1 for seed in range(5)})
    apart = network("apart", 1, dict(enumerate(rng.normal(0, 1, 5), start=50)))
    found = expected_gains([*complete, lacking, apart], rng=rng, n_draws=20_000)
    assert np.median(found.draws[:, 3] - found.draws[:, 0]) == pytest.approx(1, abs=0.2)
    correlations = np.corrcoef(stats.rankdata(found.draws, axis=0).T)
    assert correlations[0, 3] > 0.9
    assert abs(correlations[0, 4]) < 0.05


def test_what_is_said_to_be_on_the_front_at_seven_tenths_is_there_as_often():
    rng, said, true, covered = np.random.default_rng(2), [], [], []
    for _ in range(120):
        means, noise = rng.normal(0, 1.0, 20), np.exp(rng.normal(0, 0.4, 20))
        values = means + rng.normal(0, 1, (5, 1)) + noise * rng.normal(0, 1, (5, 20))
        points = [network(str(n), n, values[:, n], family=f"family {n % 2}") for n in range(20)]
        draws = expected_gains(points, rng=rng, n_draws=500).draws
        best = np.maximum.accumulate(draws, axis=1)
        said += list((draws[:, 1:] > best[:, :-1]).mean(axis=0))
        true += list(means[1:] > np.maximum.accumulate(means)[:-1])
        covered += list((np.quantile(draws, 0.05, axis=0) <= means) & (means <= np.quantile(draws, 0.95, axis=0)))
    likely = np.abs(np.array(said) - 0.7) < 0.15
    assert likely.sum() > 80
    assert np.mean(np.array(true)[likely]) == pytest.approx(np.mean(np.array(said)[likely]), abs=0.12)
    assert 0.87 < np.mean(covered) < 0.96


def test_networks_of_small_families_are_drawn_together_with_those_of_large_ones():
    # The same measured gains, whoever's they are: a family of one is no refuge for the luckiest.
    rng = np.random.default_rng(4)
    values = rng.standard_normal((5, 12))
    one_family = expected_gains(
        [network(str(n), n, values[:, n], "a") for n in range(12)], rng=np.random.default_rng(0)
    )
    two = [network(str(n), n, values[:, n], "a" if n else "b") for n in range(12)]
    other = expected_gains(two, rng=np.random.default_rng(0))
    assert other.draws.mean(axis=0) == pytest.approx(one_family.draws.mean(axis=0), abs=0.1)
    assert np.abs(other.draws[:, 0].mean()) < np.abs(other.means[0])
