from itertools import pairwise

import numpy as np
import pytest

from core.estimators.prediction import Estimator
from core.selection import PairwiseScore, best_layouts, exact_front
from core.selection import pareto as pareto_module
from core.selection.choice import Terms
from core.selection.complete import complete_front
from core.selection.layout_score import score_of
from core.selection.pareto import front_choices


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


def test_a_front_of_more_labels_than_there_is_room_for_is_found_in_parts():
    rng = np.random.default_rng(0)
    depth = np.linspace(0, 1, 6)
    values = rng.normal(1, 1, (7, 7, 1)) * depth**0.5 - rng.uniform(0, 2, (7, 7, 1)) * depth**3
    terms = Terms(PairwiseScore.of(values, np.ones(7)), rng.random(5))
    corners = pareto_module.hull(terms)
    gaps = [pareto_module._between(*ends) for ends in pairwise(corners)]
    assert len(gaps) > 3
    # So little room that every gap is looked at alone, and then with more.
    points = pareto_module._within(terms, gaps, 1 << 10)
    assert terms.front(points.choices(terms)) == exact_front(terms.score, terms.costs)


@pytest.mark.parametrize("estimator", Estimator)
def test_of_layouts_that_tie_the_first_stays_as_in_complete_search(estimator):
    """Few different gains and costs: most points of the front belong to many layouts."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n_tasks, n_blocks = [(3, 5), (4, 3), (5, 3)][seed % 3]
        values = rng.integers(-1, 3, (n_tasks, n_tasks, n_blocks + 1)) / 3
        values[..., 0] = 0
        terms = Terms(score_of(values, np.ones(n_tasks), estimator), rng.integers(0, 3, n_blocks).astype(float))
        assert front_choices(terms) == complete_front(terms), seed


def test_nothing_to_trade_gives_one_point():
    assert len(exact_front(PairwiseScore(np.zeros((9, 9, 6))), np.ones(5))) == 1
    assert len(exact_front(PairwiseScore(np.zeros((9, 9, 6))), np.zeros(5))) == 1


@pytest.mark.parametrize("scale", [1e-9, 3e-9, 1e-8])
def test_scores_near_the_width_of_a_tie_end_the_search(scale):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        values = rng.integers(-3, 4, (4, 4, 4)) * scale
        terms = Terms(PairwiseScore.of(values, np.ones(4) / 4), rng.integers(0, 4, 3).astype(float))
        assert front_choices(terms) == complete_front(terms), seed
