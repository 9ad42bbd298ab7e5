"""What trained layouts add to a table: against dense conditioning, with draws, and for layouts not trained."""

import numpy as np
import pytest

from core.errors import LayoutError, TableError
from core.estimators import layout_posterior as module
from core.estimators import posterior as pairs_module
from core.estimators.layout_posterior import LayoutPosterior, layout_posterior
from core.estimators.posterior import walk_covariance
from core.estimators.prediction import Estimator, estimates, shares
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import TwoTaskTable
from core.layouts import Layout, enumerate_layouts

LAYOUTS = enumerate_layouts(3, 2)


def table_of(n_tasks, n_blocks, seed, n_seeds=3):
    samples = np.random.default_rng(seed).normal(size=(n_seeds, n_tasks, n_tasks, n_blocks + 1))
    samples[..., 0] = 0.0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return TwoTaskTable.from_samples([f"t{task}" for task in range(n_tasks)], samples)


def trained_of(texts, n_tasks, seed, n_seeds=2):
    layouts = tuple(map(Layout.parse, texts))
    return TrainedLayouts(layouts, np.random.default_rng(seed).normal(size=(n_seeds, len(layouts), n_tasks)))


FEW = ("0,1,2 | 0,1,2", "0,1,2 | 0,1;2", "0,2;1 | 0;1;2")


def test_one_ratio_is_dense_conditioning_on_table_and_trained_gains_together(monkeypatch):
    """One Gaussian of all cells, all steps beyond pairs, the table's noise and that of the trained layouts."""
    monkeypatch.setattr(pairs_module, "STEPS", (1.0,))
    monkeypatch.setattr(pairs_module, "COMMON", (0.3,))
    monkeypatch.setattr(module, "BEYOND", (0.7,))
    monkeypatch.setattr(module, "PRIOR", (1.0,))
    whole = table_of(3, 2, 1)
    table = TwoTaskTable(whole.tasks, whole.values, whole.stderr)
    trained = trained_of(FEW, 3, 2)
    pairs_module.posterior_of.cache_clear()
    found = layout_posterior.__wrapped__(table, trained)
    values, stderr = found.values, found.stderr
    pairs_module.posterior_of.cache_clear()

    # Unknown: 4 pair cells of each task, then 2 steps beyond pairs of each.
    others = [[j for j in range(3) if j != i] for i in range(3)]
    usual = [float(np.median(table.stderr[i, others[i], 1:] ** 2)) for i in range(3)]
    prior, noise, seen, rows = np.zeros((18, 18)), np.zeros((12, 12)), np.zeros(12), np.eye(18)[:12]
    for i in range(3):
        cells = slice(4 * i, 4 * i + 4)
        error = table.stderr[i, others[i], 1:].ravel()
        prior[cells, cells] = usual[i] * walk_covariance(2, 2, 0.3)
        noise[cells, cells] = 0.5 * np.outer(error, error) + 0.5 * np.diag(error**2)
        seen[cells] = table.values[i, others[i], 1:].ravel()
    variance = 0.7 * np.mean(usual)
    same = np.kron(np.eye(3), np.ones((2, 2)))
    prior[12:, 12:] = variance * (module.COMMON + module.OF_TASK * same)
    prior[12:, 12:] += variance * (1 - module.COMMON - module.OF_TASK) * np.eye(6)
    more, gains, tasks = [], [], []
    for place, layout in enumerate(trained.layouts):
        for i in range(3):
            beside = [[j for j in layout.group_of(i, b) if j != i] for b in range(2)]
            if not beside[0]:
                continue
            row = np.zeros(18)
            for b in range(2):
                for j in beside[b]:
                    start = 4 * i + 2 * others[i].index(j)
                    row[start + b] += 1 / len(beside[b])
                    if b:
                        row[start + b - 1] -= 1 / len(beside[b])
                row[12 + 2 * i + b] = np.log(max(len(beside[b]), 1))
            more.append(row)
            gains.append(trained.means[place, i])
            tasks.append(i)
    extra = [[usual[i] * (0.5 * (i == k) + 0.5 * (a == c)) for c, k in enumerate(tasks)] for a, i in enumerate(tasks)]
    x = np.concatenate([rows, np.array(more)])
    errors = np.block([[noise, np.zeros((12, len(tasks)))], [np.zeros((len(tasks), 12)), np.array(extra) / 2]])
    gain = prior @ x.T @ np.linalg.inv(x @ prior @ x.T + errors)
    mean, covariance = gain @ np.concatenate([seen, gains]), prior - gain @ x @ prior
    for i in range(3):
        cells = slice(4 * i, 4 * i + 4)
        assert values[i, others[i], 1:].ravel() == pytest.approx(mean[cells], abs=1e-6)
        assert stderr[i, others[i], 1:].ravel() == pytest.approx(np.sqrt(np.diag(covariance)[cells]), abs=1e-6)
        own = slice(12 + 2 * i, 14 + 2 * i)
        assert values[i, i, 1:] == pytest.approx(np.cumsum(mean[own]), abs=1e-6)
        whole = np.tril(np.ones((2, 2)))
        assert stderr[i, i, 1:] ** 2 == pytest.approx(np.diag(whole @ covariance[own, own] @ whole.T), abs=1e-6)


@pytest.mark.parametrize("trained", [None, trained_of(FEW, 3, 4)])
def test_draws_have_the_mean_and_spread_that_are_reported(trained):
    found = layout_posterior(table_of(3, 2, 3), trained)
    tables, noise = found.draws(20_000, np.random.default_rng(0))
    assert tables.mean(axis=0) == pytest.approx(found.values, abs=0.05)
    # Of the ratios the largest is rare, and what trained layouts make of one cell is heavy in its tails.
    assert tables.std(axis=0) == pytest.approx(found.stderr, rel=0.1, abs=0.02)
    assert (tables[..., 0] == 0).all()
    assert noise.shape == (20_000, 3)


def test_the_order_of_tasks_decides_nothing():
    order = [2, 0, 1]
    table, trained = table_of(3, 2, 5), trained_of(FEW, 3, 6)
    moved = tuple(
        Layout.of([[[order.index(t) for t in group] for group in part] for part in layout.partitions])
        for layout in trained.layouts
    )
    ours = layout_posterior(table, trained)
    theirs = layout_posterior(table.restricted(order), TrainedLayouts(moved, trained.deltas[..., order]))
    assert theirs.values == pytest.approx(ours.values[np.ix_(order, order)], abs=1e-9)
    assert theirs.stderr == pytest.approx(ours.stderr[np.ix_(order, order)], abs=1e-9)
    assert theirs.weights == pytest.approx(ours.weights)


def test_without_trained_layouts_the_pairs_stay_and_larger_groups_are_less_certain():
    table = table_of(3, 2, 7)
    found = layout_posterior(table)
    assert (found.values == found.pairs.values).all()
    off = ~np.eye(3, dtype=bool)
    assert found.stderr[off] == pytest.approx(found.pairs.stderr[off])
    assert found.weights == pytest.approx(module.PRIOR)
    assert (np.diff(found.stderr[np.arange(3), np.arange(3)]) > 0).all()


def test_two_tasks_gain_nothing_beyond_their_pair():
    for layout in enumerate_layouts(2, 3):
        counted = shares(layout.branch_points(), 3, Estimator.BAYES)
        assert (counted[[0, 1], [0, 1]] == 0).all()
    trained = trained_of(("0,1 | 0,1 | 0;1",), 2, 8)
    assert (layout_posterior(table_of(2, 3, 8), trained).values[[0, 1], [0, 1]] == 0).all()


def test_blocks_at_which_sharing_changes_nothing_stay_so():
    table = table_of(3, 3, 9)
    samples = table.samples.copy()
    samples[..., 1] = 0.0
    frozen = TwoTaskTable.from_samples(table.tasks, samples)
    layouts = ("0,1,2 | 0;1;2 | 0;1;2", "0,1,2 | 0,1,2 | 0,1,2")
    found = layout_posterior(frozen, trained_of(layouts, 3, 10))
    diagonal = found.values[np.arange(3), np.arange(3)]
    assert (diagonal[:, :2] == 0).all()
    assert (diagonal[:, 2:] != 0).all()
    tables, _ = found.draws(50, np.random.default_rng(0))
    assert np.abs(tables[..., 1]).max() < 0.02


@pytest.mark.parametrize("beyond", [0.0, 2.0])
def test_trained_layouts_tell_how_far_groups_stray_from_their_pairs(beyond):
    """Layouts that were not trained are predicted better where groups stray, and hardly worse where they don't."""
    wrong = {"table": 0.0, "trained": 0.0}
    ratios = []
    for seed in range(6):
        rng = np.random.default_rng([seed, 1])
        truth = np.cumsum(rng.normal(size=(3, 3, 3)) * [0.0, 0.5, 0.5], axis=2)
        truth[np.arange(3), np.arange(3)] = beyond * np.array([0.0, 1.0, 1.5])
        samples = truth + 0.3 * rng.normal(size=(3, 3, 3, 3)) * np.array([0.0, 1.0, 1.0])
        samples[:, np.arange(3), np.arange(3)] = 0.0
        table = TwoTaskTable.from_samples(("a", "b", "c"), samples)
        gains = np.array([estimates(truth, layout, Estimator.BAYES) for layout in LAYOUTS])
        rows = rng.permutation(len(LAYOUTS))
        known = TrainedLayouts(
            tuple(LAYOUTS[row] for row in rows[:6]), gains[rows[:6]] + 0.3 * rng.normal(size=(2, 6, 3))
        )
        ratios.append(float(layout_posterior(table, known).weights @ module.BEYOND))
        for name, found in (("table", layout_posterior(table)), ("trained", layout_posterior(table, known))):
            predicted = np.array([estimates(found.values, LAYOUTS[row], Estimator.BAYES) for row in rows[6:]])
            wrong[name] += float(((predicted - gains[rows[6:]]) ** 2).sum())
    prior = float(np.array(module.PRIOR) @ module.BEYOND)
    if beyond:
        assert wrong["trained"] < 0.4 * wrong["table"]
        assert np.mean(ratios) > prior
    else:
        assert wrong["trained"] < 1.1 * wrong["table"]
        assert np.mean(ratios) < 0.5 * prior


def test_of_very_many_trained_layouts_evenly_spread_ones_are_taken(monkeypatch):
    trained = trained_of([layout.to_text() for layout in LAYOUTS], 3, 11)
    monkeypatch.setattr(module, "MOST_GAINS", 9)
    taken = [0, len(LAYOUTS) // 2, len(LAYOUTS) - 1]
    few = TrainedLayouts(tuple(LAYOUTS[row] for row in taken), trained.deltas[:, taken])
    table = table_of(3, 2, 11)
    assert layout_posterior(table, trained).values == pytest.approx(layout_posterior(table, few).values)


def test_layouts_that_share_nothing_say_nothing():
    table = table_of(3, 2, 12)
    found = layout_posterior(table, trained_of(("0;1;2 | 0;1;2",), 3, 13))
    assert (found.values == layout_posterior(table).values).all()


def test_gains_that_are_missing_and_layouts_of_others_are_refused():
    trained = trained_of(FEW, 3, 14)
    gains = trained.deltas.copy()
    gains[0, 1, 2] = np.nan
    with pytest.raises(TableError, match="no finite number"):
        layout_posterior(table_of(3, 2, 14), TrainedLayouts(trained.layouts, gains))
    with pytest.raises(LayoutError, match="the table 3 and 3"):
        layout_posterior(table_of(3, 3, 14), trained)
    assert isinstance(layout_posterior(table_of(3, 2, 14), TrainedLayouts((), np.empty((1, 0, 3)))), LayoutPosterior)
