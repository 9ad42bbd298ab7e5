import numpy as np
import pytest

from core.errors import BudgetError
from core.selection import PairwiseScore, best_layouts, exact_front, large_front, search_large
from core.selection.choice import Terms
from core.selection.large import upper_bound


def smooth(n_tasks, n_blocks, seed):
    rng = np.random.default_rng(seed)
    depth = np.linspace(0, 1, n_blocks + 1)
    values = 4 * rng.normal(1, 1, (n_tasks, n_tasks, 1)) * depth**0.5
    values = values - rng.uniform(0, 6, (n_tasks, n_tasks, 1)) * depth**3
    return PairwiseScore.of(values, np.full(n_tasks, 1 / n_tasks)), rng.random(n_blocks)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("budget", ["15%", "40%", None])
def test_lies_between_nothing_better_and_its_bound(seed, budget):
    score, costs = smooth(8, 4, seed)
    best = best_layouts(score, costs, budget=budget, top=1)[0].score
    found = search_large(score, costs, budget=budget, seed=seed)
    first = found.choices[0]
    assert first.score <= best + 1e-9 <= found.bound + 2e-9
    assert first.score >= best - 0.02 * abs(best)
    assert found.gap == pytest.approx(found.bound - first.score)
    assert first.score == score.score(first.layout)


def test_the_bound_holds_where_clusters_are_needed():
    score, costs = smooth(12, 3, 0)
    terms = Terms(score, costs)
    for budget in ("20%", "60%"):
        limit = float(budget[:-1]) / 100 * terms.most_expensive
        best = best_layouts(score, costs, budget=budget, top=1)[0].score
        assert best <= upper_bound(terms, limit) <= score.ceiling + 1e-9


def test_forty_tasks_respect_the_budget_and_repeat_with_the_seed():
    score, costs = smooth(40, 3, 1)
    found, again = (search_large(score, costs, budget="3x", restarts=1, seed=4) for _ in range(2))
    assert found == again
    assert all(choice.cost <= 3 * costs.sum() * (1 + 1e-9) for choice in found.choices)
    assert found.gap >= 0
    assert len({choice.layout for choice in found.choices}) == len(found.choices)
    scores = [choice.score for choice in found.choices]
    assert scores == sorted(scores, reverse=True)


def test_the_approximate_front_is_a_front_below_the_exact_one():
    score, costs = smooth(7, 4, 2)
    front, exact = large_front(score, costs), exact_front(score, costs)
    assert [c.cost for c in front] == sorted({c.cost for c in front})
    assert [c.score for c in front] == sorted({c.score for c in front})
    for choice in front:
        assert choice.score <= max(c.score for c in exact if c.cost <= choice.cost * (1 + 1e-9)) + 1e-9


def test_a_budget_below_one_backbone_is_refused():
    score, costs = smooth(14, 2, 0)
    with pytest.raises(BudgetError, match="The cheapest layout costs"):
        search_large(score, costs, budget="0.9x")
