import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.affinity.tournament import Eigenvector, affinity, performance, scores, wins
from core.errors import AffinityError


@given(st.integers(2, 6), st.integers(1, 30), st.integers(0, 2**31))
def test_shares_of_wins_are_complementary_and_ties_count_half(n, samples, seed):
    losses = np.random.default_rng(seed).integers(0, 4, (n, samples)).astype(float)
    found = wins(losses)
    np.testing.assert_allclose(found + found.T, 1.0)
    np.testing.assert_array_equal(np.diag(found), 0.5)
    i, j = 0, n - 1
    slow = sum((a < b) + 0.5 * (a == b) for a, b in zip(losses[i], losses[j], strict=True)) / samples
    assert found[i, j] == pytest.approx(slow)


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=7))
def test_a_consistent_ratio_matrix_gives_its_generator_back(weights):
    w = np.array(weights)
    found = scores(w[:, None] / (w[:, None] + w))
    np.testing.assert_allclose(found, w / w.sum(), atol=1e-9)


@pytest.mark.parametrize("eigenvector", list(Eigenvector))
def test_equal_encoders_share_alike(eigenvector):
    np.testing.assert_allclose(affinity(np.ones((2, 4, 4, 9)), eigenvector), 0.25)


@pytest.mark.parametrize("eigenvector", list(Eigenvector))
def test_permuting_tasks_permutes_everything(eigenvector):
    rng = np.random.default_rng(0)
    losses, order = rng.random((3, 5, 5, 40)), rng.permutation(5)
    permuted = losses[:, order][:, :, order]
    np.testing.assert_allclose(
        affinity(permuted, eigenvector), affinity(losses, eigenvector)[:, order][:, :, order], atol=1e-12
    )


def test_rows_belong_to_targets_and_sum_to_one():
    losses = np.ones((1, 3, 3, 10))
    losses[0, 1, 2] = 0.5  # for target 1 the encoder of 2 always wins
    found = performance(losses)
    np.testing.assert_allclose(found.sum(axis=2), 1.0)
    np.testing.assert_allclose(found[0, [0, 2]], 1 / 3)
    assert found[0, 1].argmax() == 2
    tensor = affinity(losses)
    assert tensor[0, 1, 2] == tensor[0, 2, 1] == pytest.approx((found[0, 1, 2] + 1 / 3) / 2)


def test_an_encoder_that_always_wins_is_bounded_by_the_clip():
    # Ratios 999 and 1/999 between the first and the others, 1 among these: weights 999 : 1 : 1.
    losses = np.stack([np.zeros(8), np.ones(8), np.ones(8)])
    np.testing.assert_allclose(scores(wins(losses)), np.array([999, 1, 1]) / 1001, rtol=1e-6)
    np.testing.assert_allclose(scores(wins(losses), Eigenvector.RAW)[1:], scores(wins(losses), Eigenvector.RAW)[1])


@pytest.mark.parametrize(
    ("shape", "part"),
    [((3, 3, 4, 9), "Depth comes first"), ((3, 3, 9), "depth, target, source, sample"), ((2, 1, 1, 5), "two tasks")],
)
def test_other_shapes_are_refused(shape, part):
    with pytest.raises(AffinityError, match=part):
        affinity(np.ones(shape))


def test_a_missing_loss_is_refused():
    losses = np.ones((1, 2, 2, 3))
    losses[0, 0, 1, 2] = np.nan
    with pytest.raises(AffinityError, match="depth 0 target 0 has no loss on source 1 for sample 2"):
        affinity(losses)
    with pytest.raises(AffinityError, match="not a number"):
        wins(losses[0, 0])
