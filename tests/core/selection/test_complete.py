import numpy as np

from core.layouts import enumerate_layouts
from core.selection import PairwiseScore, layout_estimates, layout_scores


def test_scores_and_estimates_are_those_of_single_layouts():
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(4, 4, 4)), rng.random(4)
    values[np.arange(4), np.arange(4)] = np.nan
    table, score = enumerate_layouts(4, 3), PairwiseScore.of(np.nan_to_num(values), weights)
    assert layout_scores(table, score).tolist() == [score.score(layout) for layout in table]
    estimates = layout_estimates(table, values)
    for row, layout in zip(estimates, table, strict=False):
        points = layout.branch_points()
        expected = [np.mean([values[i, j, points[i, j]] for j in range(4) if j != i]) for i in range(4)]
        np.testing.assert_allclose(row, expected, atol=1e-12)
    np.testing.assert_allclose(estimates @ weights, layout_scores(table, score), atol=1e-12)
