import numpy as np

from core.layouts import enumerate_layouts
from core.selection import PairwiseScore, exact_front, layout_estimates, layout_scores
from core.selection.choice import Terms
from core.selection.complete import complete_best, complete_front
from core.selection.exact import top_choices


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


def test_the_front_of_all_layouts_equals_brute_force_and_the_search(problems):
    for seed, problem in enumerate(problems):
        terms = Terms(PairwiseScore.of(problem.values, problem.weights), problem.costs)
        front = complete_front(terms)
        assert [choice.layout for choice in front] == problem.front(), seed
        assert front == exact_front(terms.score, terms.costs), seed


def test_the_best_of_all_layouts_equal_brute_force_and_the_search(problems):
    for seed, problem in enumerate(problems):
        terms = Terms(PairwiseScore.of(problem.values, problem.weights), problem.costs)
        share, top = np.random.default_rng(seed).random(), 1 + seed % 7
        limit = (terms.cheapest + share * (terms.most_expensive - terms.cheapest)) * (1 + 1e-9)
        best = complete_best(terms, limit, top)
        assert [choice.layout for choice in best] == problem.best(limit / (1 + 1e-9), top), seed
        assert best == top_choices(terms, limit, top), seed
