"""What holds for every estimator: the order of tasks, tables with holes, and two tasks."""

import numpy as np
import pytest

from core.estimators.basis import basis_of, usual_estimator
from core.estimators.prediction import DEFAULT_ESTIMATOR, Estimator, estimates
from core.estimators.two_task import TwoTaskTable
from core.layouts import Layout, enumerate_layouts
from core.selection.layout_score import score_of

EVERY = pytest.mark.parametrize("estimator", list(Estimator))


def table_of(n_tasks, n_blocks, *, holes=False):
    rng = np.random.default_rng([n_tasks, n_blocks])
    samples = rng.normal(size=(3, n_tasks, n_tasks, n_blocks + 1))
    samples[..., 0] = 0.0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    if holes:
        # Between two cells, at the end, and a pair of which nothing is known.
        samples[:, 0, 1, 1] = samples[:, 1, 2, n_blocks] = samples[:, 2, 0, 1:] = np.nan
    return TwoTaskTable.from_samples([f"t{task}" for task in range(n_tasks)], samples)


@EVERY
@pytest.mark.parametrize("holes", [False, True])
def test_permuting_tasks_permutes_gains_and_keeps_scores(estimator, holes):
    table, order = table_of(4, 3, holes=holes), [2, 0, 3, 1]
    ours, weights = basis_of(table, "svde", estimator)
    theirs, moved_weights = basis_of(table.restricted(order), "svde", estimator)
    score = score_of(ours.values, weights.values, estimator)
    moved_score = score_of(theirs.values, moved_weights.values, estimator)
    layouts = enumerate_layouts(4, 3)
    for row in range(0, len(layouts), 20):
        layout = layouts[row]
        moved = Layout.of([[[order.index(t) for t in group] for group in part] for part in layout.partitions])
        gains = estimates(ours.values, layout, estimator)
        assert estimates(theirs.values, moved, estimator) == pytest.approx(gains[order])
        assert score.score(layout) == pytest.approx(moved_score.score(moved))
        assert score.score(layout) == pytest.approx(float(gains @ weights.values))


@EVERY
def test_holes_are_filled_for_every_layout(estimator):
    filled, _ = basis_of(table_of(3, 4, holes=True), "uniform", estimator)
    assert np.isfinite(filled.values).all()
    assert np.isfinite(filled.stderr).all()
    for layout in enumerate_layouts(3, 4):
        gains = estimates(filled.values, layout, estimator)
        assert np.isfinite(gains).all()
        alone = [task for task in range(3) if layout.group_of(task, 0) == (task,)]
        assert (gains[alone] == 0).all()


@EVERY
def test_two_tasks_gain_what_their_table_says(estimator):
    table = table_of(2, 4)
    filled, _ = basis_of(table, "uniform", estimator)
    for layout in enumerate_layouts(2, 4):
        b = int(layout.branch_points()[0, 1])
        assert estimates(filled.values, layout, estimator) == pytest.approx(filled.values[[0, 1], [1, 0], b])
    if estimator is not Estimator.BAYES:
        assert (filled.values == table.values).all()


def test_studies_have_one_default_unless_their_table_is_too_large_for_it():
    assert usual_estimator(table_of(3, 2)) is DEFAULT_ESTIMATOR
    many = TwoTaskTable(tuple(map(str, range(21))), np.zeros((21, 21, 22)))
    assert usual_estimator(many) is Estimator.BLOCKWISE
