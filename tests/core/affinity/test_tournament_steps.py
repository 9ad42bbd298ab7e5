import numpy as np
import pytest

from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import Eigenvector
from core.affinity.tournament_steps import EXCERPT, duel, tournament_of
from core.errors import AffinityError


@pytest.fixture
def losses():
    values = np.random.default_rng(0).lognormal(0, 0.3, (2, 2, 3, 3, 50)).astype(np.float32)
    values[:, :, 1, :, ::2] = np.nan
    return RecombinedLosses(("a", "b", "c"), (0, 1), values)


@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_last_step_is_what_the_map_shows(losses, depth, target):
    found = tournament_of(losses, losses.shares(), depth, target)
    np.testing.assert_allclose(found.performance, losses.performance()[depth])
    np.testing.assert_allclose((found.performance + found.performance.T) / 2, losses.affinity()[depth])
    np.testing.assert_allclose(found.performance[target], found.vector)
    np.testing.assert_allclose(found.ratios @ found.vector, found.value * found.vector, atol=1e-9)
    np.testing.assert_allclose(found.ratios * found.ratios.T, 1.0)
    np.testing.assert_allclose(found.shares + found.shares.T, 1.0)


def test_the_excerpt_shows_labelled_samples_and_says_how_many_there_are(losses):
    found = tournament_of(losses, losses.shares(), 0, 1)
    assert found.losses.shape == (3, EXCERPT)
    assert all(sample % 2 for sample in found.samples)
    assert (found.n_samples, found.n_seeds) == (25, 2)
    assert not np.isnan(found.losses).any()
    assert sum(duel(found, 0, 2)) == EXCERPT
    assert duel(found, 0, 2) == duel(found, 2, 0)[::-1]


def test_few_samples_are_all_shown():
    values = np.random.default_rng(0).random((1, 1, 2, 2, 3)).astype(np.float32)
    losses = RecombinedLosses(("a", "b"), (0,), values)
    assert tournament_of(losses, losses.shares(), 0, 0).samples == (0, 1, 2)


def test_the_raw_eigenvector_takes_the_shares_as_they_are(losses):
    found = tournament_of(losses, losses.shares(), 0, 0, Eigenvector.RAW)
    np.testing.assert_array_equal(found.ratios, found.shares)


def test_a_missing_encoder_is_named(losses):
    values = losses.values.copy()
    values[:, 1, 2, 0] = np.nan
    losses = RecombinedLosses(("a", "b", "c"), (0, 1), values)
    with pytest.raises(AffinityError, match="After block 2, c has no network on the features of a"):
        tournament_of(losses, losses.shares(), 1, 2)
