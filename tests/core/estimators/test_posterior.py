"""The posterior of the true gains: against dense conditioning and simulation, with holes and any order of tasks."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from core.errors import TableError
from core.estimators import posterior as module
from core.estimators.posterior import Posterior, posterior_of, walk_covariance
from core.estimators.two_task import TwoTaskTable


def made(n_tasks, n_blocks, n_seeds, seed, *, step=0.5, common=0.3, baseline=0.6, noise=0.7):
    """Give a truth drawn from the model, and the table that seeds measure of it."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((n_tasks, n_tasks, n_blocks + 1))
    samples = np.zeros((n_seeds, n_tasks, n_tasks, n_blocks + 1))
    root = np.linalg.cholesky(step**2 * walk_covariance(n_tasks - 1, n_blocks, common))
    for task in range(n_tasks):
        others = np.arange(n_tasks) != task
        truth[task, others, 1:] = (root @ rng.standard_normal(len(root))).reshape(n_tasks - 1, n_blocks)
        shared = baseline * rng.standard_normal((n_seeds, 1, 1))
        own = noise * rng.standard_normal((n_seeds, n_tasks - 1, n_blocks))
        samples[:, task, others, 1:] = truth[task, others, 1:] + shared + own
    return truth, TwoTaskTable.from_samples([f"t{i}" for i in range(n_tasks)], samples)


@pytest.mark.parametrize("holes", [0, 3])
def test_one_point_of_the_grid_is_dense_conditioning_on_every_seed(monkeypatch, holes):
    """All seeds in one Gaussian of n_cells · n_seeds numbers: mean, covariance and likelihood ratios agree."""
    n_blocks, n_seeds = 3, 3
    _, table = made(3, n_blocks, n_seeds, 1)
    samples = table.samples.copy()
    samples[:, 0, 1, 1 : 1 + holes] = np.nan
    table = TwoTaskTable.from_samples(table.tasks, samples)
    monkeypatch.setattr(module, "STEPS", (0.4, 1.5))
    monkeypatch.setattr(module, "COMMON", (0.5,))
    monkeypatch.setattr(module, "BASELINES", (0.3,))
    first, second = posterior_of.__wrapped__(table).parts[0]
    seeds = samples[:, 0, 1:, 1:].reshape(n_seeds, -1)
    known = np.flatnonzero(~np.isnan(seeds[0]))
    y = seeds[:, known].ravel()
    walk = walk_covariance(2, n_blocks, 0.5)
    picks = np.tile(np.eye(2 * n_blocks)[known], (n_seeds, 1))
    noise = np.kron(np.eye(n_seeds), 0.3 * np.ones((len(known), len(known))) + 0.7 * np.eye(len(known)))
    for part, step in ((first, 0.4), (second, 1.5)):
        whole = picks @ (step * walk) @ picks.T + noise
        gain = step * walk @ picks.T @ np.linalg.inv(whole)
        assert part.mean == pytest.approx(gain @ y)
        assert part.covariance == pytest.approx(step * walk - gain @ picks @ (step * walk), abs=1e-9)
        assert part.rate == pytest.approx(module.RATE + y @ np.linalg.inv(whole) @ y / 2)
        assert part.shape == pytest.approx(module.SHAPE + len(y) / 2)

    def likely(step):
        whole = picks @ (step * walk) @ picks.T + noise
        shape, rate = module.SHAPE + len(y) / 2, module.RATE + y @ np.linalg.inv(whole) @ y / 2
        return -0.5 * np.linalg.slogdet(whole)[1] - shape * np.log(rate)

    assert np.log(first.weight / second.weight) == pytest.approx(likely(0.4) - likely(1.5))


def test_with_standard_errors_noise_is_as_they_say(monkeypatch):
    _, table = made(3, 2, 4, 2)
    given = TwoTaskTable(table.tasks, table.values, table.stderr)
    monkeypatch.setattr(module, "STEPS", (1.0,))
    monkeypatch.setattr(module, "COMMON", (0.0,))
    (part,) = posterior_of.__wrapped__(given).parts[1]
    error = table.stderr[1, [0, 2], 1:].ravel()
    walk = np.median(error**2) * walk_covariance(2, 2, 0.0)
    whole = walk + 0.5 * np.outer(error, error) + 0.5 * np.diag(error**2)
    assert part.mean == pytest.approx(walk @ np.linalg.solve(whole, table.values[1, [0, 2], 1:].ravel()))
    assert multivariate_normal(cov=whole).logpdf(np.zeros(4)) < 0


def test_the_order_of_tasks_decides_nothing():
    _, table = made(4, 3, 3, 3)
    order = [2, 0, 3, 1]
    ours, theirs = posterior_of(table), posterior_of(table.restricted(order))
    assert theirs.values == pytest.approx(ours.values[np.ix_(order, order)])
    assert theirs.stderr == pytest.approx(ours.stderr[np.ix_(order, order)])


def test_holes_are_less_certain_and_follow_their_neighbours():
    _, table = made(3, 4, 3, 4)
    samples = table.samples.copy()
    samples[:, 0, 1, 2:] = np.nan
    whole, less = posterior_of(table), posterior_of(TwoTaskTable.from_samples(table.tasks, samples))
    assert (less.stderr[0, 1, 2:] > whole.stderr[0, 1, 2:]).all()
    assert (np.diff(less.stderr[0, 1, 1:]) > 0).all()
    assert less.values[1] == pytest.approx(whole.values[1])
    assert np.isfinite(less.values).all()


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_cells_that_are_zero_in_every_seed_are_certain(n_seeds):
    """As where blocks are frozen: sharing them is the same network."""
    _, table = made(3, 3, n_seeds, 8)
    samples = 20 * table.samples
    samples[..., 1] = 0.0
    found = posterior_of(TwoTaskTable.from_samples(table.tasks, samples))
    assert found.values[..., 1] == pytest.approx(0.0, abs=1e-3)
    assert found.stderr[..., 1] == pytest.approx(0.0, abs=0.01)
    assert (found.stderr[0, 1:, 2:] > 1).all()


def test_a_table_without_a_number_for_a_task_says_nothing_of_it():
    _, table = made(3, 2, 2, 5)
    samples = table.samples.copy()
    samples[:, 0] = np.nan
    found = posterior_of(TwoTaskTable.from_samples(table.tasks, samples))
    assert (found.values[0] == 0).all()
    assert (found.stderr[0, 1:, 1:] > 0).all()


@pytest.mark.parametrize("n_seeds", [1, 2, 3])
def test_ninety_percent_of_true_gains_lie_in_ninety_percent_intervals(n_seeds):
    inside = []
    for seed in range(40):
        truth, table = made(3, 4, n_seeds, 100 * n_seeds + seed)
        tables, _ = posterior_of(table).draws(400, np.random.default_rng(seed))
        low, high = np.quantile(tables, [0.05, 0.95], axis=0)
        off = ~np.eye(3, dtype=bool)
        inside.append(((truth >= low) & (truth <= high))[off][:, 1:].mean())
    # 40 tables of three independent tasks: a standard error of about 2 %.
    assert np.mean(inside) == pytest.approx(0.9, abs=0.06)


def test_draws_have_the_mean_and_spread_that_are_reported():
    found = posterior_of(made(3, 3, 3, 6)[1])
    tables, noise = found.draws(20_000, np.random.default_rng(0))
    assert tables.mean(axis=0) == pytest.approx(found.values, abs=0.05)
    assert tables.std(axis=0) == pytest.approx(found.stderr, abs=0.05)
    assert (tables[..., 0] == 0).all()
    assert np.abs(noise.mean(axis=0)).max() < 0.05


def test_shrinking_brings_means_nearer_to_the_truth():
    errors = {"table": 0.0, "posterior": 0.0}
    for seed in range(20):
        truth, table = made(4, 4, 2, 1000 + seed, step=0.3)
        errors["table"] += ((table.values - truth) ** 2).sum()
        errors["posterior"] += ((posterior_of(table).values - truth) ** 2).sum()
    assert errors["posterior"] < 0.7 * errors["table"]


def test_too_many_cells_are_refused():
    n = 21
    with pytest.raises(TableError, match=r"up to 400 cells of one task; this table has 420\. Choose the estimator"):
        posterior_of(TwoTaskTable(tuple(map(str, range(n))), np.zeros((n, n, 22))))


def test_it_is_a_value():
    assert isinstance(posterior_of(made(2, 1, 1, 7)[1]), Posterior)
