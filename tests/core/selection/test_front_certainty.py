import numpy as np
import pytest

from core.estimators import TwoTaskTable
from core.estimators.prediction import score
from core.estimators.resampling import resampled_values
from core.estimators.weights import task_weights
from core.layouts import enumerate_layouts
from core.selection.front_certainty import front_certainty
from core.selection.pairwise import PairwiseScore
from core.selection.pareto import exact_front

COSTS = np.array([1.0, 2.0, 4.0])


def a_table(seed: int, n_tasks: int = 3, n_seeds: int = 4, noise: float = 1.0) -> TwoTaskTable:
    rng = np.random.default_rng(seed)
    mean = rng.normal(0, 2, (n_tasks, n_tasks, len(COSTS) + 1))
    samples = mean + noise * rng.normal(0, 1, (n_seeds, *mean.shape))
    samples[..., 0] = 0.0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return TwoTaskTable.from_samples([f"t{i}" for i in range(n_tasks)], samples)


def certainty_of(table: TwoTaskTable, *, enumerated_up_to: int = 1000):
    weights = task_weights(table, "uniform")
    front = exact_front(PairwiseScore.of(table.values, weights.values), COSTS)
    draws = resampled_values(table, 60, np.random.default_rng(1))
    return front, draws, weights, front_certainty(draws, weights, COSTS, front, enumerated_up_to=enumerated_up_to)


@pytest.mark.parametrize("seed", range(8))
def test_each_frequency_is_counted_draw_by_draw(seed):
    front, draws, weights, found = certainty_of(a_table(seed))
    layouts = list(enumerate_layouts(3, 3))
    cost = {layout: float(np.dot(layout.group_counts, COSTS)) for layout in layouts}
    for place, choice in enumerate(front):
        limit = front[place + 1].cost if place + 1 < len(front) else np.inf
        allowed = [x for x in layouts if cost[x] < limit - 1e-9]
        wins = 0
        for values in draws:
            scores = [score(values, weights.values, layout) for layout in allowed]
            wins += scores[allowed.index(choice.layout)] > max(scores) - 1e-9
        assert found.frequency[place] == pytest.approx(wins / len(draws))
    assert found.complete
    assert found.n_candidates == len(layouts)


def test_without_noise_the_front_is_certain():
    front, _, _, found = certainty_of(a_table(0, noise=0.0))
    assert found.frequency.tolist() == [1.0] * len(front)


def test_above_the_limit_only_the_front_competes():
    front, _, _, found = certainty_of(a_table(3), enumerated_up_to=0)
    assert not found.complete
    assert found.n_candidates == len(front)
    everything = certainty_of(a_table(3))[3]
    assert (found.frequency >= everything.frequency - 1e-12).all()
