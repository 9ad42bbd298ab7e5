import numpy as np
import pytest
from scipy.special import polygamma

from core.affinity.seed_noise import SeedNoise, common_variance, inverse_trigamma


def simulated(n_seeds, *, spread=0.1, n_depths=4, n_tasks=5, seed=0):
    """Scores of some seeds around equal ones."""
    logs = spread * np.random.default_rng(seed).standard_normal((n_seeds, n_depths, n_tasks, n_tasks))
    scores = np.exp(logs)
    return scores / scores.sum(axis=-1, keepdims=True)


def test_one_seed_tells_nothing_of_the_noise_between_seeds():
    assert SeedNoise.of(simulated(1)) is None


def test_equal_seeds_have_no_noise():
    noise = SeedNoise.of(np.repeat(simulated(1), 3, axis=0))
    assert (noise.draws(5, np.zeros((4, 5)), np.random.default_rng(0)) == 0).all()


@pytest.mark.parametrize("n_seeds", [2, 3, 5])
def test_noise_that_is_the_same_everywhere_is_known_from_all_tournaments(n_seeds):
    noise = SeedNoise.of(simulated(n_seeds, spread=0.2, n_depths=20))
    assert noise.variance.mean() == pytest.approx(0.2**2, rel=0.15)
    assert noise.freedom > 4 * (n_seeds - 1) + 10


def test_tournaments_whose_noise_differs_keep_most_of_their_own():
    calm, wild = simulated(5, spread=0.01, seed=1), simulated(5, spread=1.0, seed=2)
    noise = SeedNoise.of(np.concatenate([calm, wild], axis=1))
    assert noise.variance[:4].max() < noise.variance[4:].min() / 100
    assert noise.freedom < 30


def test_a_depth_that_is_not_measured_stays_unknown_and_changes_no_other():
    scores = simulated(3)
    holed = np.concatenate([scores, np.full_like(scores[:, :1], np.nan)], axis=1)
    one, other = SeedNoise.of(scores), SeedNoise.of(holed)
    assert np.isnan(other.variance[-1]).all()
    np.testing.assert_array_equal(other.variance[:-1], one.variance)
    assert other.freedom == one.freedom


def test_units_of_scores_do_not_matter():
    scores = simulated(3)
    np.testing.assert_allclose(SeedNoise.of(scores * 7).variance, SeedNoise.of(scores).variance)


@pytest.mark.parametrize(("freedom", "prior"), [(2, 4.0), (8, 10.0)])
def test_the_common_variance_is_found_again(freedom, prior):
    rng = np.random.default_rng(3)
    true = 0.3 * prior / rng.chisquare(prior, 20_000)
    common, found = common_variance(true * rng.chisquare(freedom, true.shape) / freedom, freedom)
    assert common == pytest.approx(0.3, rel=0.05)
    assert found == pytest.approx(prior, rel=0.1)


def test_variances_that_differ_by_chance_alone_are_one():
    rng = np.random.default_rng(4)
    common, found = common_variance(0.3 * rng.chisquare(4, 5000) / 4, 4)
    assert common == pytest.approx(0.3, rel=0.05)
    assert found > 200


@pytest.mark.parametrize("value", [1e-3, 0.5, 20.0, 1e6])
def test_trigamma_is_inverted(value):
    assert float(polygamma(1, inverse_trigamma(value))) == pytest.approx(value, rel=1e-9)
