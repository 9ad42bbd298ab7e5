"""The Gaussian belief against the posterior it is made of, and against a dense computation."""

import numpy as np
import pytest

from core.estimators.belief import belief_of
from core.estimators.layout_posterior import layout_posterior
from core.estimators.posterior import posterior_of, walk_covariance
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import TwoTaskTable
from core.layouts import Layout, enumerate_layouts


def measured(n_seeds, n_tasks=3, n_blocks=4, holes=(), seed=0):
    rng = np.random.default_rng(seed)
    truth = np.cumsum(rng.normal(0.2, 0.8, (n_tasks, n_tasks, n_blocks + 1)), axis=2)
    truth -= truth[..., :1]
    samples = truth + rng.normal(0, 0.5, (n_seeds, n_tasks, 1, 1)) + rng.normal(0, 0.4, (n_seeds, *truth.shape))
    samples[..., 0] = 0.0
    for hole in holes:
        samples[hole] = np.nan
    return TwoTaskTable.from_samples(tuple("abcdef"[:n_tasks]), samples)


def cells_of(belief, deviations):
    return deviations[: belief.n_cells].reshape(belief.n_tasks, belief.n_tasks, belief.n_blocks)


@pytest.mark.parametrize("holes", [(), ((0, 0, 1, 2), (1, 0, 1, 2), (1, 2, 0, 3))])
def test_it_has_the_mean_and_the_deviation_of_the_posterior(holes):
    table = measured(2, holes=holes)
    posterior, belief = layout_posterior(table), belief_of(table)
    assert belief.table == pytest.approx(posterior.values)
    found = cells_of(belief, np.sqrt(np.diag(belief.covariance)))
    assert found == pytest.approx(posterior.stderr[..., 1:], rel=0.08)


def test_trained_layouts_leave_the_deviation_of_the_posterior():
    table = measured(2, n_blocks=2)
    layouts = tuple(enumerate_layouts(3, 2))[:6]
    gains = np.random.default_rng(1).normal(0.3, 0.5, (2, len(layouts), 3))
    trained = TrainedLayouts(layouts, gains)
    posterior, belief = layout_posterior(table, trained), belief_of(table, trained)
    assert belief.table == pytest.approx(posterior.values)
    found = cells_of(belief, np.sqrt(np.diag(belief.covariance)))
    assert found == pytest.approx(posterior.stderr[..., 1:], rel=0.25)
    before = cells_of(belief, np.sqrt(np.diag(belief_of(table).covariance)))
    assert (found < before + 1e-9).mean() > 0.8


def test_a_further_seed_of_a_cell_tells_what_the_dense_gaussian_says(monkeypatch):
    # With one point of the grid the posterior is one Gaussian, and what another seed adds has a closed form.
    for name, value in (("STEPS", (0.8,)), ("COMMON", (0.3,)), ("BASELINES", (0.45,))):
        monkeypatch.setattr(f"core.estimators.posterior.{name}", value)
    posterior_of.cache_clear()
    layout_posterior.cache_clear()
    table = measured(2, n_blocks=3)
    part, belief = posterior_of(table).parts[0][0], belief_of(table)
    posterior_of.cache_clear()
    layout_posterior.cache_clear()
    square, walk = part.scale**2, 0.8 * walk_covariance(2, 3, 0.3)
    means = walk + 0.45 / 2 * np.ones((6, 6)) + 0.55 / 2 * np.eye(6)
    known = walk - walk @ np.linalg.solve(means, walk)
    # Task 0 beside task 2, sharing two blocks, from a seed that is not used yet.
    after = belief.learned(*belief.of_cell((0, 2), 2, 2))
    expected = square * (known - np.outer(known[:, 4], known[4]) / (known[4, 4] + 1.0))
    places = np.arange(3, 9)
    assert after.covariance[np.ix_(places, places)] == pytest.approx(expected, abs=1e-8)
    assert after.mean == pytest.approx(belief.mean)


def test_a_hole_at_a_known_seed_tells_another_amount_than_from_a_new_one():
    # The other cells of the seed tell its baseline.
    belief = belief_of(measured(1, holes=((0, 0, 1, 2), (0, 1, 0, 2))))
    place = belief.n_blocks + 1
    known, fresh = (belief.learned(*belief.of_cell((0, 1), 2, seed)).covariance[place, place] for seed in (0, 1))
    assert max(known, fresh) < belief.covariance[place, place]
    assert known != pytest.approx(fresh)


def test_several_seeds_tell_as_much_as_one_after_the_other():
    belief = belief_of(measured(1))
    at_once = belief.learned(*belief.of_cell((0, 1), 2, 1, times=2))
    once = belief.learned(*belief.of_cell((0, 1), 2, 1, times=1))
    place = belief.n_blocks + 1
    assert at_once.covariance[place, place] < once.covariance[place, place] < belief.covariance[place, place]


def test_an_empty_table_has_the_prior_and_learns():
    belief = belief_of(measured(1, holes=(0,)))
    assert np.all(belief.mean == 0)
    rows, noise = belief.of_cell((0, 1), 1, 0)
    after = belief.learned(rows, noise, np.array([2.0, 0.0])).table
    assert 0 < after[0, 1, 1] < 2.0
    assert after[0, 1, 2] > 0


def test_a_layout_that_gains_less_than_its_pairs_promise_lowers_what_groups_gain():
    belief = belief_of(measured(3))
    rows, noise = belief.of_layout(Layout.all_shared(3, 4))
    after = belief.learned(rows, noise, rows @ belief.mean - 8.0)
    assert (np.diagonal(after.table[..., -1]) < np.diagonal(belief.table[..., -1])).all()
    pair = Layout.parse("0,1;2 | 0,1;2 | 0;1;2 | 0;1;2")
    # As pairs measure it: three tasks sharing nothing tell nothing.
    assert len(belief.of_layout(pair)[1]) == 2
    assert len(belief.of_layout(Layout.parse("0;1;2 | 0;1;2 | 0;1;2 | 0;1;2"))[1]) == 0


def test_layouts_of_the_same_seeds_share_their_baselines():
    belief = belief_of(measured(2), n_layout_seeds=2)
    one, other = Layout.all_shared(3, 4), Layout.parse("0,1,2 | 0,1,2 | 0,1,2 | 0;1;2")
    rows, noise = belief.of_layout(one)
    fresh, more = belief.of_layout(one, times=2)
    assert (more < noise + belief.baseline / 2).all()
    # What one layout tells of a seed, another need not find out again.
    baseline = belief.learned(rows, noise).covariance[-1, -1]
    assert belief.learned(*belief.of_layout(other)).covariance[-1, -1] > 0
    assert 0 < baseline < belief.covariance[-1, -1]
    assert belief.learned(fresh, more).covariance[-1, -1] == pytest.approx(belief.covariance[-1, -1])
