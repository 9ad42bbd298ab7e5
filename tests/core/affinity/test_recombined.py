import numpy as np
import pytest

from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import Eigenvector, affinity, performance
from core.errors import AffinityError

TASKS = ("a", "b", "c")


@pytest.fixture
def values():
    return np.random.default_rng(5).random((2, 4, 3, 3, 30)).astype(np.float32)


def test_one_seed_gives_what_the_tournament_gives(values):
    losses = RecombinedLosses(TASKS, (0,), values[:1])
    for kind in Eigenvector:
        np.testing.assert_allclose(losses.affinity(kind), affinity(values[0], kind), atol=1e-12)
        np.testing.assert_allclose(losses.performance(kind), performance(values[0], kind), atol=1e-12)


def test_seeds_count_as_samples_do(values):
    both = RecombinedLosses(TASKS, (0, 1), values)
    joined = np.concatenate([values[0], values[1]], axis=-1)
    np.testing.assert_allclose(both.affinity(), affinity(joined), atol=1e-12)


def test_permuting_tasks_permutes_everything(values):
    order = [2, 0, 1]
    moved = RecombinedLosses(TASKS, (0, 1), values[:, :, order][:, :, :, order])
    found = RecombinedLosses(TASKS, (0, 1), values).affinity()
    np.testing.assert_allclose(moved.affinity(), found[:, order][:, :, order], atol=1e-12)


def test_a_missing_source_leaves_its_target_without_a_row(values):
    values[:, 1, 2, 0] = np.nan  # target c on a's blocks, at depth 1
    losses = RecombinedLosses(TASKS, (0, 1), values)
    rows, tensor = losses.performance(), losses.affinity()
    assert not losses.is_complete
    assert np.isnan(rows[1, 2]).all()
    assert not np.isnan(rows[1, :2]).any()
    assert np.isnan(tensor[1, 2]).all()
    assert np.isnan(tensor[1, :, 2]).all()
    assert not np.isnan(np.delete(tensor, 1, axis=0)).any()
    assert not np.isnan(losses.shares()[1, 2, 1, 2])


def test_a_seed_that_lacks_a_network_is_passed_over_for_that_target_only(values):
    whole = RecombinedLosses(TASKS, (0,), values[:1]).affinity()
    values[1] = np.nan
    np.testing.assert_allclose(RecombinedLosses(TASKS, (0, 1), values).affinity(), whole, atol=1e-12)


def test_a_sample_without_a_label_counts_for_nothing(values):
    fewer = values[..., 3:].copy()
    values[:, :, 1, :, :3] = np.nan
    losses, without = RecombinedLosses(TASKS, (0, 1), values), RecombinedLosses(TASKS, (0, 1), fewer)
    np.testing.assert_allclose(losses.shares()[:, 1], without.shares()[:, 1], atol=1e-12)
    assert not losses.labelled(0, 0, 1)[:3].any()
    assert losses.labelled(0, 0, 1)[3:].all()


def test_outcomes_are_the_shares_one_by_one(values):
    losses = RecombinedLosses(TASKS, (0,), values[:1])
    found = losses.outcomes(0, 2, 1)
    first, second = np.triu_indices(len(TASKS), 1)
    np.testing.assert_allclose((1 + found.mean(axis=-1)) / 2, losses.shares()[2, 1, first, second])
    assert set(np.unique(found)) == {-1, 1}


@pytest.mark.parametrize("n_samples", [1, 7, 8, 30])
def test_equal_and_missing_losses_are_no_wins(values, n_samples):
    values = values.round(1)[..., :n_samples]
    values[0, 0, 2, 1] = np.nan
    losses = RecombinedLosses(TASKS, (0, 1), values)
    own, other = values[1, 0, 2, 0], values[1, 0, 2, 1]
    share = ((own < other).sum() + 0.5 * (own == other).sum()) / n_samples
    assert losses.shares()[0, 2, 0, 1] == pytest.approx(share, abs=1e-12)
    assert (losses.outcomes(0, 0, 2)[[0, 2]] == 0).all()
    assert not losses.shares().flags.writeable


@pytest.mark.parametrize(
    ("shape", "seeds", "part"),
    [
        ((4, 3, 3, 30), (0,), "should have shape"),
        ((1, 3, 3, 4, 30), (0,), "should have shape"),
        ((1, 4, 3, 3, 0), (0,), "should have shape"),
        ((2, 4, 3, 3, 30), (0,), "2 seeds were measured, but 1 are named"),
    ],
)
def test_other_forms_are_refused(shape, seeds, part):
    with pytest.raises(AffinityError, match=part):
        RecombinedLosses(TASKS, seeds, np.zeros(shape, dtype=np.float32))
