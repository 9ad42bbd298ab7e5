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


@pytest.mark.parametrize("seed", range(4))
def test_each_share_is_counted_draw_by_draw(seed):
    _, draws, weights, found = certainty_of(a_table(seed))
    layouts = list(enumerate_layouts(3, 3))
    cost = {layout: float(np.dot(layout.group_counts, COSTS)) for layout in layouts}
    for percent in (33.4, 47.7, 62, 100):
        limit = percent / 100 * 3 * COSTS.sum()
        allowed = [layout for layout in layouts if cost[layout] <= limit * (1 + 1e-9)]
        scores = np.array([[score(values, weights.values, layout) for layout in allowed] for values in draws])
        listed = dict(found.selected(percent / 100))
        assert sum(listed.values()) == pytest.approx(1.0)
        for place, layout in enumerate(allowed):
            # Layouts that tie share their wins: the first of them counts.
            ahead = scores[:, place] >= scores.max(axis=1) - 1e-9
            assert found.share(layout, percent / 100) <= np.mean(ahead) + 1e-12
            assert found.share(layout, percent / 100) == pytest.approx(listed.get(layout, 0.0))
    assert found.complete


@pytest.mark.parametrize("enumerated_up_to", [1000, 1])
def test_nearly_the_best_is_counted_draw_by_draw(enumerated_up_to):
    front, draws, weights, found = certainty_of(a_table(2), enumerated_up_to=enumerated_up_to)
    layouts = list(enumerate_layouts(3, 3)) if found.complete else [choice.layout for choice in front]
    scores = np.array([[score(values, weights.values, layout) for layout in layouts] for values in draws])
    for tolerance in (0.0, 0.4, 1.5):
        for percent in (50, 61.9, 100):
            limit = percent / 100 * 3 * COSTS.sum() * (1 + 1e-9)
            fits = [float(np.dot(layout.group_counts, COSTS)) <= limit for layout in layouts]
            best = scores[:, fits].max(axis=1)
            for place, layout in enumerate(layouts):
                expected = np.mean(scores[:, place] >= best - tolerance - 1e-9)
                assert found.near(layout, percent / 100, tolerance) == pytest.approx(expected)
                if fits[place]:
                    assert found.near(layout, percent / 100, tolerance) >= found.share(layout, percent / 100)


def test_without_noise_the_front_is_certain():
    front, _, _, found = certainty_of(a_table(0, noise=0.0))
    whole = 3 * COSTS.sum()
    for percent in range(1, 101):
        fits = [choice for choice in front if choice.cost <= percent / 100 * whole]
        assert found.selected(percent / 100) == ([(fits[-1].layout, 1.0)] if fits else [])


def test_above_the_limit_only_the_front_competes():
    front, _, _, found = certainty_of(a_table(3), enumerated_up_to=0)
    assert not found.complete
    layouts = {choice.layout for choice in front}
    assert {layout for percent in range(1, 101) for layout, _ in found.selected(percent / 100)} <= layouts
    other = next(layout for layout in enumerate_layouts(3, 3) if layout not in layouts)
    assert found.share(other, 1.0) == 0.0
