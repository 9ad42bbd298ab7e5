import numpy as np
import pytest

from core.errors import TableError
from core.estimators import Spread, TwoTaskTable, fill_holes, layout_interval, resampled_values, spread_of, task_weights
from core.layouts import Layout

N = 20_000


def seeded(samples):
    samples = np.array(samples, dtype=float)
    samples[..., 0] = 0.0
    samples[:, np.arange(samples.shape[1]), np.arange(samples.shape[1])] = 0.0
    return TwoTaskTable.from_samples(tuple("abcd"[: samples.shape[1]]), samples)


def test_seeds_are_drawn_together_never_cell_by_cell():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=4)
    table = seeded(np.broadcast_to(shared[:, None, None, None], (4, 3, 3, 3)).copy())
    draws = resampled_values(table, 200, rng)
    cells = draws[:, ~np.eye(3, dtype=bool)][:, :, 1:].reshape(200, -1)
    assert np.allclose(cells, cells[:, :1])
    assert np.ptp(cells[:, 0]) > 0


def test_draws_scatter_as_the_standard_error_says():
    rng = np.random.default_rng(1)
    table = seeded(rng.normal(size=(3, 2, 2, 3)))
    draws = resampled_values(table, N, rng)
    off = ~np.eye(2, dtype=bool)
    assert np.allclose(draws.mean(axis=0), table.values, atol=0.03)
    assert np.allclose(draws.std(axis=0)[off], table.stderr[off], rtol=0.05)


def test_without_seeds_cells_of_a_task_share_half_their_variance():
    values, stderr = np.zeros((3, 3, 2)), np.zeros((3, 3, 2))
    stderr[..., 1] = 2.0
    stderr[np.arange(3), np.arange(3)] = 0.0
    table = TwoTaskTable(("a", "b", "c"), values, stderr)
    draws = resampled_values(table, N, np.random.default_rng(2))[..., 1]
    assert draws[:, 0, 1].std() == pytest.approx(2.0, rel=0.03)
    assert np.corrcoef(draws[:, 0, 1], draws[:, 0, 2])[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.corrcoef(draws[:, 0, 1], draws[:, 1, 0])[0, 1] == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("n_tasks", [2, 3])
def test_holes_scatter_as_fill_holes_says(n_tasks):
    rng = np.random.default_rng(3)
    values = rng.normal(size=(n_tasks, n_tasks, 5))
    values[..., 0] = 0.0
    values[0, 1, [1, 3, 4]] = np.nan
    values[1, 0, 1:] = np.nan
    values[np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    stderr = np.where(np.isnan(values), np.nan, 0.0)
    table = TwoTaskTable(tuple("abc"[:n_tasks]), values, stderr)
    filled = fill_holes(table)
    draws = resampled_values(table, N, rng)
    assert np.allclose(draws.mean(axis=0), filled.values, atol=0.06)
    assert np.allclose(draws.std(axis=0), filled.stderr, rtol=0.05, atol=0.01)


def test_what_a_table_can_say_about_itself():
    means = TwoTaskTable(("a", "b"), np.zeros((2, 2, 2)))
    holed = np.zeros((2, 2, 2))
    holed[0, 1, 1] = np.nan
    assert spread_of(means) is Spread.NONE
    assert spread_of(TwoTaskTable(("a", "b"), holed)) is Spread.HOLES
    assert spread_of(TwoTaskTable(("a", "b"), holed, np.ones((2, 2, 2)))) is Spread.STDERR
    assert spread_of(seeded(np.ones((2, 2, 2, 2)))) is Spread.SEEDS
    assert not resampled_values(means, 5, np.random.default_rng(0)).any()


def test_a_seed_that_lacks_a_run_leaves_no_hole_in_any_draw():
    samples = np.ones((2, 2, 2, 2))
    samples[0, 0, 1, 1] = np.nan
    draws = resampled_values(seeded(samples), 50, np.random.default_rng(0))
    assert np.allclose(draws[:, 0, 1, 1], 1.0)


def test_the_interval_of_a_layout_holds_its_estimate():
    rng = np.random.default_rng(4)
    table = seeded(rng.normal(size=(5, 3, 3, 3)))
    weights = task_weights(table, "uniform")
    layout = Layout.parse("0,1,2 | 0,1;2")
    wide = layout_interval(table, layout, weights, rng=rng, level=0.95)
    narrow = layout_interval(table, layout, weights, rng=rng, level=0.5)
    assert (wide.low < wide.estimates).all()
    assert (wide.estimates < wide.high).all()
    assert wide.score_low < narrow.score_low < wide.score < narrow.score_high < wide.score_high
    alone = layout_interval(table, Layout.all_split(3, 2), weights, rng=rng)
    assert (alone.score_low, alone.score, alone.score_high) == (0, 0, 0)


@pytest.mark.parametrize("n", [0, 10**9])
def test_a_silly_number_of_draws_is_refused(n):
    with pytest.raises(TableError, match="Choose 1 to"):
        resampled_values(TwoTaskTable(("a", "b"), np.zeros((2, 2, 2))), n, np.random.default_rng(0))
