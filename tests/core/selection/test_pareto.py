from itertools import pairwise

import numpy as np
import pytest

from core.selection import PairwiseScore, best_layouts, exact_front
from core.selection import pareto as pareto_module
from core.selection.choice import Terms


def test_equals_brute_force(problems):
    for seed, problem in enumerate(problems):
        front = exact_front(PairwiseScore.of(problem.values, problem.weights), problem.costs)
        assert [choice.layout for choice in front] == problem.front(), seed


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_search_under_a_budget(seed):
    """Each point is the best at its own cost, and the best just below is the point before."""
    rng = np.random.default_rng(seed)
    depth = np.linspace(0, 1, 6)
    values = rng.normal(1, 1, (7, 7, 1)) * depth**0.5 - rng.uniform(0, 2, (7, 7, 1)) * depth**3
    score, costs = PairwiseScore.of(values, np.ones(7)), rng.random(5)
    front = exact_front(score, costs)
    assert len(front) > 5
    for before, point in pairwise(front):
        assert best_layouts(score, costs, budget=point.cost, top=1) == [point]
        assert best_layouts(score, costs, budget=(1 - 1e-7) * point.cost, top=1) == [before]
    assert best_layouts(score, costs, top=1) == front[-1:]


def test_a_front_longer_than_the_room_for_it_is_complete():
    rng = np.random.default_rng(0)
    depth = np.linspace(0, 1, 6)
    values = rng.normal(1, 1, (6, 6, 1)) * depth**0.5 - rng.uniform(0, 2, (6, 6, 1)) * depth**3
    terms = Terms(PairwiseScore.of(values, np.ones(6)), rng.random(5))
    corners = pareto_module.hull(terms)
    low, high = corners[0], corners[-1]
    slope = (high[0] - low[0]) / (high[1] - low[1])
    lanes = pareto_module.Lanes(terms, np.array([slope]), np.zeros(1))
    found = [pareto_module._between(terms, lanes, low, high, capacity) for capacity in (3, 4096)]
    whole = [terms.front(pareto_module.as_choices(terms, np.array(masks))) for masks in found]
    assert whole[0] == whole[1] == exact_front(terms.score, terms.costs)
    assert len(whole[0]) > 3


def test_nothing_to_trade_gives_one_point():
    assert len(exact_front(PairwiseScore(np.zeros((9, 9, 6))), np.ones(5))) == 1
    assert len(exact_front(PairwiseScore(np.zeros((9, 9, 6))), np.zeros(5))) == 1
