import math

import numpy as np
import pytest

from core.errors import BudgetError
from core.layouts import Layout
from core.selection import PairwiseScore, best_layouts


def random_score(n_tasks, n_blocks, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[:, :, 0] = 0.0
    return values, rng.random(n_tasks), rng.random(n_blocks)


def test_equals_brute_force_at_every_kind_of_budget(problems):
    for seed, problem in enumerate(problems):
        rng = np.random.default_rng(seed)
        score, top = PairwiseScore.of(problem.values, problem.weights), int(rng.integers(1, 8))
        exact_costs = sorted(row[4] for row in problem.ranked)
        on_the_edge = exact_costs[rng.integers(len(exact_costs))]
        between = float(rng.uniform(exact_costs[0], exact_costs[-1]))
        for budget in (None, on_the_edge, between, exact_costs[0]):
            found = best_layouts(score, problem.costs, budget=budget, top=top)
            limit = math.inf if budget is None else max(budget, exact_costs[0])
            assert [choice.layout for choice in found] == problem.best(limit, top), (seed, budget)


def test_a_choice_carries_its_own_score_and_cost(problems):
    for problem in problems[:50]:
        score = PairwiseScore.of(problem.values, problem.weights)
        for choice in best_layouts(score, problem.costs, budget="2x"):
            assert choice.score == score.score(choice.layout)
            assert choice.cost == pytest.approx(np.dot(choice.layout.group_counts, problem.costs), rel=1e-12)
            assert choice.cost <= 2 * problem.costs.sum() * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_renaming_the_tasks_renames_the_result(seed):
    values, weights, costs = random_score(6, 4, seed)
    order = np.random.default_rng(seed).permutation(6)
    there = best_layouts(PairwiseScore.of(values, weights), costs, budget="50%")
    here = best_layouts(PairwiseScore.of(values[np.ix_(order, order)], weights[order]), costs, budget="50%")
    renamed = [Layout.of([[order[list(g)].tolist() for g in p] for p in c.layout.partitions]) for c in here]
    assert renamed == [choice.layout for choice in there]
    assert [c.score for c in here] == pytest.approx([c.score for c in there])


def test_more_budget_is_never_worse_and_more_layouts_begin_alike():
    values, weights, costs = random_score(8, 6, 0)
    score = PairwiseScore.of(values, weights)
    bests = [best_layouts(score, costs, budget=f"{percent}%", top=1)[0].score for percent in range(13, 101, 6)]
    assert bests == sorted(bests)
    assert best_layouts(score, costs, budget="40%", top=9)[:4] == best_layouts(score, costs, budget="40%", top=4)


def test_all_ties_of_a_huge_family_fall_to_the_cheapest_then_fewest_then_canonical():
    score = PairwiseScore(np.zeros((10, 10, 9)))
    assert best_layouts(score, np.ones(8), top=1)[0].layout == Layout.all_shared(10, 8)
    free = best_layouts(score, np.zeros(8), top=3)
    trunk = [[range(10)]] * 7
    assert [choice.layout for choice in free] == [
        Layout.all_shared(10, 8),
        Layout.of([*trunk, [[0], range(1, 10)]]),
        Layout.of([*trunk, [[0, 1], range(2, 10)]]),
    ]


def test_fewer_layouts_than_asked_are_all_of_them():
    assert len(best_layouts(PairwiseScore(np.zeros((2, 2, 3))), np.ones(2), top=50)) == 3


def test_bad_budgets_say_what_would_do():
    score = PairwiseScore(np.zeros((3, 3, 3)))
    with pytest.raises(BudgetError, match=r"The cheapest layout costs 30, the budget is 29\.9"):
        best_layouts(score, np.array([10.0, 20.0]), budget=29.9)
    for costs in ([1.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf]):
        with pytest.raises(BudgetError):
            best_layouts(score, np.array(costs))
    with pytest.raises(BudgetError, match="at least one"):
        best_layouts(score, np.ones(2), top=0)
