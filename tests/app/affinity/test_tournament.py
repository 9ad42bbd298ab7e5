import numpy as np
import pytest

from app.affinity.model import affinity_view
from app.affinity.tournament import EXCERPT, duel, tournament_of
from app.affinity_source.evidence import Evidence, Origin, evidence_of_losses
from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import Eigenvector
from core.errors import AffinityError


@pytest.fixture
def view():
    values = np.random.default_rng(0).lognormal(0, 0.3, (2, 2, 3, 3, 50)).astype(np.float32)
    values[:, :, 1, :, ::2] = np.nan
    return affinity_view(evidence_of_losses(RecombinedLosses(("a", "b", "c"), (0, 1), values)))


@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_last_step_is_what_the_map_shows(view, depth, target):
    found = tournament_of(view, view.evidence.losses.shares(), depth, target)
    np.testing.assert_allclose(found.performance, view.evidence.losses.performance()[depth])
    np.testing.assert_allclose((found.performance + found.performance.T) / 2, view.evidence.affinity[depth])
    np.testing.assert_allclose(found.performance[target], found.vector)
    np.testing.assert_allclose(found.ratios @ found.vector, found.value * found.vector, atol=1e-9)
    np.testing.assert_allclose(found.ratios * found.ratios.T, 1.0)
    np.testing.assert_allclose(found.shares + found.shares.T, 1.0)


def test_the_excerpt_shows_labelled_samples_and_says_how_many_there_are(view):
    found = tournament_of(view, view.evidence.losses.shares(), 0, 1)
    assert found.losses.shape == (3, EXCERPT)
    assert all(sample % 2 for sample in found.samples)
    assert (found.n_samples, found.n_seeds) == (25, 2)
    assert not np.isnan(found.losses).any()
    assert sum(duel(found, 0, 2)) == EXCERPT
    assert duel(found, 0, 2) == duel(found, 2, 0)[::-1]


def test_few_samples_are_all_shown():
    values = np.random.default_rng(0).random((1, 1, 2, 2, 3)).astype(np.float32)
    view = affinity_view(evidence_of_losses(RecombinedLosses(("a", "b"), (0,), values)))
    assert tournament_of(view, view.evidence.losses.shares(), 0, 0).samples == (0, 1, 2)


def test_the_raw_eigenvector_takes_the_shares_as_they_are(view):
    raw = affinity_view(evidence_of_losses(view.evidence.losses, Eigenvector.RAW))
    found = tournament_of(raw, raw.evidence.losses.shares(), 0, 0)
    np.testing.assert_array_equal(found.ratios, found.shares)


def test_a_missing_encoder_is_named(view):
    values = view.evidence.losses.values.copy()
    values[:, 1, 2, 0] = np.nan
    view = affinity_view(evidence_of_losses(RecombinedLosses(("a", "b", "c"), (0, 1), values)))
    with pytest.raises(AffinityError, match="After block 2, c has no network on the features of a"):
        tournament_of(view, view.evidence.losses.shares(), 1, 2)


def test_without_losses_there_is_no_tournament():
    view = affinity_view(Evidence(Origin.FILE, ("a", "b"), np.ones((1, 2, 2))))
    with pytest.raises(AffinityError, match="no losses of samples"):
        tournament_of(view, np.ones((1, 2, 2, 2)), 0, 0)
