import numpy as np
import pytest

from core.layouts import enumerate_layouts
from core.selection import PairwiseScore, best_layouts, forced_scores, regret_map


@pytest.mark.parametrize("budget", [None, "45%"])
@pytest.mark.parametrize("enumerate_up_to", [0, 10**6])
def test_equals_brute_force_by_either_way(budget, enumerate_up_to):
    rng = np.random.default_rng(3)
    score, costs = PairwiseScore.of(rng.normal(size=(4, 4, 4)), rng.random(4)), rng.random(3)
    limit = np.inf if budget is None else 0.45 * 4 * costs.sum()
    expected = np.full((4, 4, 4), np.nan)
    for layout in enumerate_layouts(4, 3):
        if np.dot(layout.group_counts, costs) <= limit:
            points, value = layout.branch_points(), score.score(layout)
            for i, j in zip(*np.nonzero(~np.eye(4, dtype=bool)), strict=False):
                cell = (i, j, points[i, j])
                expected[cell] = np.fmax(expected[cell], value)
    forced = forced_scores(score, costs, budget=budget, enumerate_up_to=enumerate_up_to)
    np.testing.assert_allclose(forced, expected, atol=1e-12)


def test_a_forbidden_decision_has_no_score():
    score = PairwiseScore(np.zeros((3, 3, 3)))
    for enumerate_up_to in (0, 10**6):
        forced = forced_scores(score, np.array([5.0, 1.0]), budget=9.0, enumerate_up_to=enumerate_up_to)
        assert np.isnan(forced[0, 1, 0])
        assert forced[0, 1, 1] == forced[0, 1, 2] == 0.0


def test_each_pair_regrets_nothing_where_the_best_layout_is():
    rng = np.random.default_rng(5)
    score, costs = PairwiseScore.of(rng.normal(size=(5, 5, 4)), rng.random(5)), rng.random(3)
    regret = regret_map(score, costs, budget="60%")
    points = best_layouts(score, costs, budget="60%", top=1)[0].layout.branch_points()
    assert np.nanmin(regret) == 0.0
    for i, j in zip(*np.nonzero(~np.eye(5, dtype=bool)), strict=False):
        assert regret[i, j, points[i, j]] == 0.0
