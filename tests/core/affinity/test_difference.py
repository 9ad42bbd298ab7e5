"""Differences of tensors, and whether noise explains them."""

import numpy as np
import pytest

from core.affinity.difference import difference, of_seed
from core.affinity.distance import proportions
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import resampled_affinities
from core.errors import AffinityError


def losses(n_seeds: int, n_samples: int, rng: np.random.Generator, better: float = 0.0) -> RecombinedLosses:
    values = rng.normal(size=(n_seeds, 1, 3, 3, n_samples)).astype(np.float32)
    values[:, :, 0, 1] -= better
    return RecombinedLosses(("a", "b", "c"), tuple(range(n_seeds)), values)


def tensor(found: RecombinedLosses, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draws = proportions(resampled_affinities(found, n=200, rng=np.random.default_rng(seed)))
    return proportions(found.affinity()), draws


def test_of_nothing_known_there_is_no_noise_and_order_turns_the_sign():
    one, other = np.random.default_rng(0).random((2, 2, 3, 3))
    found = difference(one, other, rng=np.random.default_rng(0))
    assert not found.has_intervals
    assert not found.within_noise.any()
    np.testing.assert_allclose(found.values, one - other)
    one_draws, other_draws = one + np.zeros((4, 1, 1, 1)), other + np.zeros((3, 1, 1, 1))
    back = difference(other, one, other_draws, one_draws, rng=np.random.default_rng(0))
    np.testing.assert_allclose(back.low, other - one)
    np.testing.assert_allclose(back.high, -found.values)


def test_nine_of_ten_differences_of_equal_studies_are_within_noise_and_a_real_one_is_not():
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(40):
        (one, draws), (other, others) = tensor(losses(1, 200, rng), 2), tensor(losses(1, 200, rng), 2)
        found = difference(one, other, draws, others, rng=rng)
        inside.append(found.within_noise[0][np.triu_indices(3, 1)])
    assert 0.84 <= np.mean(inside) <= 0.97
    (one, draws), (other, others) = tensor(losses(1, 200, rng, better=1.0), 2), tensor(losses(1, 200, rng), 2)
    found = difference(one, other, draws, others, rng=rng)
    assert found.values[0, 0, 1] > 0
    assert not found.within_noise[0, 0, 1]


def test_the_same_samples_make_the_difference_surer():
    rng = np.random.default_rng(3)
    shared = losses(2, 300, rng)
    shared.values[1] = shared.values[0] + rng.normal(scale=0.05, size=shared.values[0].shape)
    (one, draws), (other, others) = tensor(of_seed(shared, 0), 5), tensor(of_seed(shared, 1), 5)
    paired = difference(one, other, draws, others, is_paired=True, rng=rng)
    apart = difference(one, other, draws, others, rng=rng)
    cell = (0, 0, 1)
    assert (paired.high - paired.low)[cell] < 0.5 * (apart.high - apart.low)[cell]


def test_other_forms_and_seeds_are_refused():
    with pytest.raises(AffinityError, match="same tasks"):
        difference(np.zeros((1, 2, 2)), np.zeros((2, 2, 2)), rng=np.random.default_rng(0))
    with pytest.raises(AffinityError, match="Seed 7"):
        of_seed(losses(2, 5, np.random.default_rng(0)), 7)
