import math

import numpy as np
import pytest

from core.errors import TableError
from core.layouts import Layout, enumerate_layouts, sample_layouts
from core.selection import PairwiseScore


def random_pairs(n_tasks, n_blocks, seed):
    pairs = np.random.default_rng(seed).normal(size=(n_tasks, n_tasks, n_blocks + 1))
    return pairs + pairs.transpose(1, 0, 2)


def test_is_the_weighted_mean_of_predicted_values():
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(4, 4, 4)), rng.random(4)
    score = PairwiseScore.of(values, weights)
    for layout in enumerate_layouts(4, 3):
        points = layout.branch_points()
        delta = [np.mean([values[i, j, points[i, j]] for j in range(4) if j != i]) for i in range(4)]
        assert score.score(layout) == pytest.approx(math.fsum(weights * delta), abs=1e-12)


def test_gains_of_groups_add_up_to_the_score_exactly():
    score = PairwiseScore(random_pairs(6, 5, 1))
    for layout in sample_layouts(6, 5, 200, np.random.default_rng(0)):
        gains = [score.gains[b, sum(1 << t for t in g)] for b, p in enumerate(layout.partitions) for g in p]
        assert score.constant + sum(gains) == score.score(layout) == score.constant + sum(gains[::-1])
        assert score.score(layout) <= score.ceiling <= score.span


def test_the_grid_changes_nothing_anyone_sees():
    pairs = random_pairs(5, 3, 2)
    assert np.abs(PairwiseScore(pairs).pairs - pairs * ~np.eye(5, dtype=bool)[:, :, None]).max() < 1e-13


def test_restricted_to_some_tasks_scores_their_pairs():
    score, layout = PairwiseScore(random_pairs(5, 3, 3)), Layout.parse("0,1,2,3,4 | 0,2,4;1,3 | 0,4;1,3;2")
    part = score.restricted([0, 2, 4])
    assert part.score(layout.restricted([0, 2, 4])) == pytest.approx(
        score.pairs[0, 2, 2] + score.pairs[0, 4, 3] + score.pairs[2, 4, 2]
    )


def test_holes_and_wrong_shapes_are_refused():
    values = np.zeros((3, 3, 2))
    values[0, 1, 1] = np.nan
    with pytest.raises(TableError, match=r"tasks 0 and 1 at branch point 1 is nan\. Fill the holes"):
        PairwiseScore.of(values, np.ones(3))
    with pytest.raises(TableError, match="one weight per task"):
        PairwiseScore.of(np.zeros((3, 3, 2)), np.ones(2))
    with pytest.raises(TableError, match="finite"):
        PairwiseScore.of(np.zeros((2, 2, 2)), np.array([1.0, np.inf]))
    with pytest.raises(TableError, match="should have shape"):
        PairwiseScore(np.zeros((3, 2, 2)))
    with pytest.raises(TableError, match="two halves"):
        PairwiseScore(np.arange(8.0).reshape(2, 2, 2))
    with pytest.raises(TableError, match="same tasks and blocks"):
        PairwiseScore(np.zeros((2, 2, 2))).score(Layout.all_shared(3, 1))
