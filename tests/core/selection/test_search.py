import numpy as np

from core.selection import PairwiseScore, best_layouts, exact_front, front, recommend


def random_score(n_tasks, n_blocks):
    rng = np.random.default_rng(n_tasks)
    return PairwiseScore.of(rng.normal(size=(n_tasks, n_tasks, n_blocks + 1)), np.ones(n_tasks)), rng.random(n_blocks)


def test_small_families_are_searched_exactly():
    score, costs = random_score(6, 3)
    found = recommend(score, costs, budget="50%", top=3)
    assert found.exact
    assert found.gap == 0.0
    assert list(found.choices) == best_layouts(score, costs, budget="50%", top=3)
    assert front(score, costs).exact
    assert list(front(score, costs).choices) == exact_front(score, costs)


def test_large_families_say_that_they_are_not():
    score, costs = random_score(18, 2)
    found = recommend(score, costs, budget="50%", top=2)
    assert not found.exact
    assert found.gap > 0.0
    assert not front(score, costs).exact
