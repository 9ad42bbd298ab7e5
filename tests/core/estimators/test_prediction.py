import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LayoutError
from core.estimators import TwoTaskTable, associated_models, estimates, estimates_of, score
from core.estimators.prediction import draws_of_estimates
from core.layouts import Layout, enumerate_layouts


def values_of(n_tasks, n_blocks, seed=0):
    values = np.random.default_rng(seed).normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[..., 0] = 0.0
    return values


def by_definition(values, layout):
    points, n = layout.branch_points(), layout.n_tasks
    return [
        sum(values[i, j, points[i, j]] if points[i, j] else 0.0 for j in range(n) if j != i) / (n - 1) for i in range(n)
    ]


@settings(deadline=None)
@given(st.integers(2, 4), st.integers(1, 3), st.integers(0, 99))
def test_every_layout_gets_the_mean_over_its_associated_models(n_tasks, n_blocks, seed):
    values = values_of(n_tasks, n_blocks, seed)
    layouts = list(enumerate_layouts(n_tasks, n_blocks))[:60]
    many = estimates_of(values, np.array([layout.branch_points() for layout in layouts]))
    for layout, row in zip(layouts, many, strict=True):
        assert np.allclose(row, by_definition(values, layout))
        assert np.allclose(estimates(values, layout), row)
        assert np.allclose(draws_of_estimates(np.stack([values, 2 * values]), layout), [row, 2 * row])
        assert score(values, np.arange(n_tasks), layout) == pytest.approx(row @ np.arange(n_tasks))


def test_permuting_tasks_permutes_the_estimates():
    values, layout, order = values_of(3, 2), Layout.parse("0,1,2 | 0,1;2"), [2, 0, 1]
    moved = Layout.of([[[order.index(t) for t in group] for group in part] for part in layout.partitions])
    assert np.allclose(estimates(values[np.ix_(order, order)], moved), estimates(values, layout)[order])


def test_independent_networks_are_zero_whatever_the_table_says():
    values = np.full((3, 3, 3), np.nan)
    assert estimates(values, Layout.all_split(3, 2)).tolist() == [0, 0, 0]


def test_a_hole_that_is_needed_shows():
    values = values_of(3, 1)
    values[0, 1, 1] = np.nan
    assert np.isnan(estimates(values, Layout.all_shared(3, 1))).tolist() == [True, False, False]


def test_the_models_of_figure_2():
    # Tasks 1 and 2 of the paper share three blocks of five, tasks 1 and 3 as 2 and 3 share two.
    layout = Layout.parse("0,1,2 | 0,1,2 | 0,1;2 | 0;1;2 | 0;1;2")
    values = values_of(3, 5)
    values[2, 0, 2] = np.nan
    models = associated_models(layout, TwoTaskTable(("a", "b", "c"), values, np.abs(values)))
    assert [(m.tasks, m.branch_point) for m in models] == [((0, 1), 3), ((0, 2), 2), ((1, 2), 2)]
    assert models[0].deltas == (values[0, 1, 3], values[1, 0, 3])
    assert models[0].stderr == (abs(values[0, 1, 3]), abs(values[1, 0, 3]))
    assert models[1].deltas == (values[0, 2, 2], None)


def test_a_model_of_two_networks_has_no_change():
    table = TwoTaskTable(("a", "b"), values_of(2, 1))
    assert associated_models(Layout.all_split(2, 1), table)[0].deltas == (0.0, 0.0)


@pytest.mark.parametrize("layout", [Layout.all_shared(2, 2), Layout.all_shared(3, 1)])
def test_layouts_of_other_sizes_are_refused(layout):
    with pytest.raises(LayoutError, match="the table 3 and 2"):
        estimates(values_of(3, 2), layout)
