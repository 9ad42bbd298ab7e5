import numpy as np
import pytest

from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import certainty, order_kept, resampled_affinities
from core.affinity.tournament import Eigenvector
from core.errors import AffinityError

TASKS = ("a", "b", "c")


def losses_of(distances, *, n_samples=400, noise=0.3, n_seeds=2):
    """Give losses of one depth that grow with a made-up distance of target and source, and noise."""
    rng = np.random.default_rng(0)
    n = len(distances)
    values = np.array(distances)[None, None, :, :, None] + noise * rng.random((n_seeds, 1, n, n, n_samples))
    return RecombinedLosses(TASKS[:n], tuple(range(n_seeds)), values.astype(np.float32))


@pytest.fixture
def clear():
    return losses_of([[0.0, 0.05, 0.2], [0.05, 0.0, 0.2], [0.2, 0.25, 0.0]])


@pytest.mark.parametrize("kind", list(Eigenvector))
def test_draws_lie_around_what_is_shown(clear, kind):
    shown = clear.affinity(kind)
    draws = resampled_affinities(clear, n=300, rng=np.random.default_rng(1), eigenvector=kind)
    assert draws.shape == (300, *shown.shape)
    np.testing.assert_allclose(draws.mean(axis=0), shown, atol=0.03)
    found = certainty(shown, draws)
    assert (found.low <= shown).all()
    assert (shown <= found.high).all()


def test_drawing_every_sample_once_gives_the_tensor_itself(clear):
    class Once:
        def multinomial(self, n, pvals, size):
            return np.full((size, len(pvals)), n // len(pvals))

    one = RecombinedLosses(TASKS, (0,), clear.values[:1])
    draws = resampled_affinities(one, n=3, rng=Once())
    np.testing.assert_allclose(draws, np.broadcast_to(one.affinity(), draws.shape), atol=1e-6)


def test_more_samples_make_narrower_intervals():
    distances = [[0.0, 0.05, 0.2], [0.05, 0.0, 0.2], [0.2, 0.25, 0.0]]
    widths = []
    for n_samples in (50, 5000):
        losses = losses_of(distances, n_samples=n_samples, n_seeds=1)
        draws = resampled_affinities(losses, rng=np.random.default_rng(2))
        found = certainty(losses.affinity(), draws)
        widths.append(float((found.high - found.low).mean()))
    assert widths[1] < widths[0] / 5  # by the square root of 100, give or take


def test_a_clear_order_is_sure_and_a_coin_is_a_coin(clear):
    sure = certainty(clear.affinity(), resampled_affinities(clear, rng=np.random.default_rng(3))).order
    assert sure[0, 0, 1] == 1.0
    assert np.isnan(np.diagonal(sure[0])).all()
    same = losses_of(np.zeros((3, 3)), noise=1.0, n_seeds=1)
    order = certainty(same.affinity(), resampled_affinities(same, rng=np.random.default_rng(4))).order
    assert 0.3 < np.nanmean(order) < 0.95


def test_a_depth_with_a_hole_has_no_draws(clear):
    values = np.repeat(clear.values, 2, axis=1)
    values[0, 1, 0, 2] = np.nan
    draws = resampled_affinities(RecombinedLosses(TASKS, (0, 1), values), n=5, rng=np.random.default_rng(0))
    assert not np.isnan(draws[:, 0]).any()
    assert np.isnan(draws[:, 1]).all()


def test_draws_of_another_tensor_are_refused():
    with pytest.raises(AffinityError, match="Draw again"):
        certainty(np.zeros((2, 3, 3)), np.zeros((5, 1, 3, 3)))


def test_the_order_of_pairs_that_two_measurements_share():
    one = np.zeros((1, 3, 3))
    one[0, [0, 0, 1], [1, 2, 2]] = [0.3, 0.2, 0.1]
    other = np.zeros((1, 3, 3))
    other[0, [0, 0, 1], [1, 2, 2]] = [0.2, 0.3, 0.1]  # one of three orders is turned
    assert order_kept(one, one) == 1.0
    assert order_kept(one, other) == pytest.approx(2 / 3)
    with pytest.raises(AffinityError, match="three tasks or more"):
        order_kept(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))


def order_by_all_pairs(shown, draws):
    """What ``order`` means, written out: every pair of tasks against every other."""
    first, second = np.triu_indices(shown.shape[1], 1)
    order = np.full(shown.shape, np.nan)
    pairs, drawn = shown[:, first, second], draws[:, :, first, second]
    for pair, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        others = np.arange(len(first)) != pair
        if others.any():
            sides = np.sign(pairs[:, pair, None] - pairs[:, others])
            kept = np.sign(drawn[:, :, pair, None] - drawn[:, :, others]) == sides
            order[:, i, j] = order[:, j, i] = kept.mean(axis=(0, 2))
    order[np.isnan(draws).any(axis=0)] = np.nan
    return order


@pytest.mark.parametrize("n_tasks", [2, 3, 5, 6])
@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("holes", [False, True])
def test_sorting_gives_the_order_that_comparing_all_pairs_gives(n_tasks, digits, holes):
    rng = np.random.default_rng([n_tasks, digits, holes])
    shown = rng.random((3, n_tasks, n_tasks))
    shown = ((shown + shown.transpose(0, 2, 1)) / 2).round(digits)  # with one digit there are ties
    draws = shown + rng.normal(0, 0.2, (11, 3, n_tasks, n_tasks))
    draws = ((draws + draws.transpose(0, 1, 3, 2)) / 2).round(digits)
    if holes:
        shown[0, 0, 1] = shown[0, 1, 0] = np.nan
        draws[4, 1, 0, 1] = draws[4, 1, 1, 0] = np.nan
        draws[:, 2] = np.nan
    np.testing.assert_array_equal(certainty(shown, draws).order, order_by_all_pairs(shown, draws))
