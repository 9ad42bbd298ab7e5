"""Scores of the estimators blockwise and bayes: sums over groups, exact search against looking at every layout."""

import math

import numpy as np
import pytest

from core.errors import TableError
from core.estimators.prediction import Estimator, estimates, shares
from core.layouts import Layout, enumerate_layouts, sample_layouts
from core.selection import best_layouts, exact_front, large_front, search_large
from core.selection.block_score import BlockScore
from core.selection.choice import Terms
from core.selection.complete import complete_best, complete_front, layout_scores
from core.selection.large import upper_bound
from core.selection.layout_score import score_of
from core.selection.regret import forced_scores

BOTH = pytest.mark.parametrize("estimator", [Estimator.BLOCKWISE, Estimator.BAYES])
SIZES = [(2, 1), (2, 4), (3, 1), (3, 3), (3, 5), (4, 2), (4, 3), (5, 2)]


def table(n_tasks, n_blocks, seed):
    values = np.random.default_rng(seed).normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[..., 0] = 0.0
    return values


def problem(n_tasks, n_blocks, seed):
    rng = np.random.default_rng(seed)
    values = table(n_tasks, n_blocks, seed)
    weights = rng.random(n_tasks)
    return values, weights, rng.integers(1, 9, n_blocks).astype(float)


def plain(values, layout, estimator):
    """Δ of every task by the definition, with Python's own sums."""
    found = []
    for i in range(layout.n_tasks):
        steps = []
        for block in range(layout.n_blocks):
            beside = [j for j in layout.group_of(i, block) if j != i]
            steps += [(values[i, j, block + 1] - values[i, j, block]) / len(beside) for j in beside]
            if estimator is Estimator.BAYES and beside:
                steps.append(math.log(len(beside)) * (values[i, i, block + 1] - values[i, i, block]))
        found.append(math.fsum(steps))
    return found


@BOTH
@pytest.mark.parametrize("size", SIZES)
def test_gains_are_sums_of_mean_steps_beside_those_that_share_the_block(size, estimator):
    values, weights, _ = problem(*size, 1)
    score = score_of(values, weights, estimator)
    for layout in enumerate_layouts(*size):
        gains = plain(values, layout, estimator)
        assert estimates(values, layout, estimator) == pytest.approx(gains)
        assert score.score(layout) == pytest.approx(math.fsum(weights * gains))
        counted = shares(layout.branch_points(), layout.n_blocks, estimator)
        assert (counted * values).sum(axis=(1, 2)) == pytest.approx(gains)


def test_every_group_of_two_gains_what_the_two_gain_as_a_pair():
    values = table(6, 4, 2)
    layout = Layout.parse("0,1;2,3;4;5 | 0,1;2,3;4;5 | 0;1;2,3;4;5 | 0;1;2,3;4;5")
    expected = [values[0, 1, 2], values[1, 0, 2], values[2, 3, 4], values[3, 2, 4], 0.0, 0.0]
    assert estimates(values, layout, Estimator.BLOCKWISE) == pytest.approx(expected)


def test_with_two_tasks_both_estimators_are_one():
    values = table(2, 5, 3)
    for layout in enumerate_layouts(2, 5):
        assert estimates(values, layout, Estimator.BLOCKWISE) == pytest.approx(estimates(values, layout))


def test_cells_that_a_layout_does_not_need_may_be_missing():
    values = table(3, 3, 4)
    values[0, 2] = values[2, 0] = np.nan
    layout = Layout.parse("0,1;2 | 0,1;2 | 0;1;2")
    assert np.isfinite(estimates(values, layout, Estimator.BLOCKWISE)).all()
    assert np.isnan(estimates(values, Layout.all_shared(3, 3), Estimator.BLOCKWISE)[[0, 2]]).all()


@BOTH
def test_the_order_of_tasks_decides_nothing(estimator):
    values, weights, costs = problem(5, 3, 5)
    order = np.array([3, 0, 4, 1, 2])
    mixed = values[np.ix_(order, order)]
    ours = exact_front(score_of(values, weights, estimator), costs)
    theirs = exact_front(score_of(mixed, weights[order], estimator), costs)
    assert [c.cost for c in ours] == [c.cost for c in theirs]
    assert [c.score for c in ours] == pytest.approx([c.score for c in theirs])


@BOTH
def test_what_groups_earn_adds_up_to_the_score_exactly(estimator):
    score = score_of(*problem(6, 5, 6)[:2], estimator)
    for layout in sample_layouts(6, 5, 100, np.random.default_rng(0)):
        gains = [score.gains[b, sum(1 << t for t in g)] for b, p in enumerate(layout.partitions) for g in p]
        assert sum(gains) == score.score(layout) == sum(gains[::-1])
        assert score.score(layout) <= score.ceiling <= score.span


@BOTH
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(2))
def test_the_exact_search_finds_what_looking_at_every_layout_finds(size, seed, estimator):
    values, weights, costs = problem(*size, 10 + seed)
    score = score_of(values, weights, estimator)
    terms = Terms(score, costs)
    layouts = enumerate_layouts(*size)
    assert layout_scores(layouts, score).tolist() == [score.score(layout) for layout in layouts]
    ranked = sorted((terms.choice(layout) for layout in layouts), key=terms.order)
    assert exact_front(score, costs) == complete_front(terms) == terms.front(ranked)
    for share in (0.4, 0.7, 1.0):
        limit = max(share * terms.most_expensive, terms.cheapest)
        wanted = [choice for choice in ranked if choice.cost <= limit][:4]
        assert best_layouts(score, costs, budget=limit, top=4) == complete_best(terms, limit, 4) == wanted


@pytest.mark.parametrize("estimator", list(Estimator))
def test_forcing_a_branch_point_by_search_and_by_looking_at_every_layout(estimator):
    values, weights, costs = problem(4, 3, 20)
    score = score_of(values, weights, estimator)
    for budget in (None, "60%"):
        seen = forced_scores(score, costs, budget=budget)
        searched = forced_scores(score, costs, budget=budget, enumerate_up_to=0)
        assert np.allclose(seen, searched, atol=1e-12, equal_nan=True)


@BOTH
@pytest.mark.parametrize("seed", range(2))
def test_many_tasks_lie_between_nothing_better_and_a_bound(seed, estimator):
    values, weights, costs = problem(8, 3, seed)
    score = score_of(values, weights, estimator)
    terms = Terms(score, costs)
    best = best_layouts(score, costs, budget="50%", top=1)[0].score
    found = search_large(score, costs, budget="50%", seed=seed)
    assert found.choices[0].score <= best + 1e-9 <= found.bound + 2e-9
    assert found.choices[0].score >= best - 0.05 * abs(best)
    assert upper_bound(terms, terms.most_expensive) >= max(c.score for c in large_front(score, costs, seed=seed))
    assert all(choice.score == score.score(choice.layout) for choice in found.choices)


def test_forty_tasks_end():
    values, weights, costs = problem(40, 3, 1)
    found = search_large(BlockScore.of(values, weights), costs, budget="3x", restarts=1)
    assert all(choice.cost <= 3 * costs.sum() * (1 + 1e-9) for choice in found.choices)
    assert found.gap >= 0


@BOTH
def test_a_contraction_scores_as_the_whole(estimator):
    values, weights, _ = problem(5, 2, 8)
    score = score_of(values, weights, estimator)
    small = score.contracted(np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]], dtype=float))
    for text, whole in [("0,1,2 | 0;1,2", "0,1,2,3,4 | 0,1;2,3,4"), ("0;1;2 | 0;1;2", "0,1;2;3,4 | 0,1;2;3,4")]:
        assert small.score(Layout.parse(text)) == pytest.approx(score.score(Layout.parse(whole)))


def test_holes_and_wrong_shapes_are_refused():
    values = np.zeros((3, 3, 2))
    values[0, 1, 1] = np.nan
    with pytest.raises(TableError, match=r"tasks 0 and 1 at block 0 is nan\. Fill the holes"):
        BlockScore.of(values, np.ones(3))
    with pytest.raises(TableError, match="one weight per task"):
        BlockScore.of(np.zeros((3, 3, 2)), np.ones(2))
    with pytest.raises(TableError, match="beyond their pairs should be finite"):
        BlockScore(np.zeros((3, 3, 2)), np.zeros((3, 1)))
    with pytest.raises(TableError, match="finite"):
        BlockScore.of(np.zeros((2, 2, 2)), np.array([1.0, np.inf]))
    with pytest.raises(TableError, match="should have shape"):
        BlockScore(np.zeros((3, 2, 2)))
    with pytest.raises(TableError, match="two halves"):
        BlockScore(np.arange(4.0).reshape(2, 2, 1))
    with pytest.raises(TableError, match="same tasks and blocks"):
        BlockScore(np.zeros((2, 2, 1))).score(Layout.all_shared(3, 1))


def test_an_estimator_has_its_score():
    values, weights, _ = problem(4, 3, 9)
    layout = Layout.parse("0,1,2,3 | 0,1,2;3 | 0,1,2;3")
    for estimator in Estimator:
        found = score_of(values, weights, estimator)
        assert found.score(layout) == pytest.approx(float(estimates(values, layout, estimator) @ weights))
