"""The search of hybrids against all of them."""

import itertools

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.costs import CostQuestion, Unit
from core.errors import BudgetError
from core.estimators.prediction import Estimator
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.search import hybrid_front, hybrid_score
from core.layouts.enumeration import enumerate_layouts
from core.selection.layout_score import score_of


def every_hybrid(n_tasks, n_blocks):
    return {
        Hybrid.of(layout, exits)
        for layout in enumerate_layouts(n_tasks, n_blocks)
        for exits in itertools.product(range(n_blocks), repeat=n_tasks)
    }


def made_up(n_tasks, n_blocks, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[:, :, 0] = 0
    leaving = np.c_[rng.normal(size=(n_tasks, n_blocks - 1)), np.zeros(n_tasks)]
    blocks = tuple(Block(f"b{n}", int(size), int(size)) for n, size in enumerate(rng.integers(1, 40, n_blocks)))
    return values, leaving, Backbone("b", blocks)


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("one_task", [False, True])
@pytest.mark.parametrize(("n_tasks", "n_blocks"), [(3, 3), (4, 2)])
def test_the_front_is_that_of_all_hybrids(estimator, one_task, n_tasks, n_blocks):
    values, leaving, backbone = made_up(n_tasks, n_blocks, 7)
    leaving[0, 0] = -np.inf  # no exit there
    score = score_of(values, np.full(n_tasks, 1 / n_tasks), estimator)
    costs = np.array([block.macs for block in backbone.blocks], dtype=float)
    found = hybrid_front(score, costs, leaving, one_task=one_task)
    question = CostQuestion.ONE_TASK if one_task else CostQuestion.ALL_TASKS
    names = [f"t{task}" for task in range(n_tasks)]
    everyone = sorted(
        (round(each.allocation(backbone, names).cost(question, Unit.MACS), 6), -hybrid_score(each, score, leaving))
        for each in every_hybrid(n_tasks, n_blocks)
    )
    best = []
    for cost, loss in everyone:
        if -loss > (best[-1][1] if best else -np.inf) + 1e-9:
            best.append((cost, -loss))
    assert np.array([(each.cost, each.score) for each in found]) == pytest.approx(np.array(best))
    for each in found:
        assert each.cost == pytest.approx(each.hybrid.allocation(backbone, names).cost(question, Unit.MACS))
        assert each.score == pytest.approx(hybrid_score(each.hybrid, score, leaving))


def test_where_no_task_can_leave_the_front_is_that_of_layouts():
    values, leaving, _ = made_up(3, 3, 1)
    leaving[:, :-1] = -np.inf
    score = score_of(values, np.full(3, 1 / 3), Estimator.BLOCKWISE)
    found = hybrid_front(score, np.array([1.0, 2.0, 4.0]), leaving)
    assert all(each.hybrid.is_layout for each in found)
    assert max(each.score for each in found) == pytest.approx(max(map(score.score, enumerate_layouts(3, 3))))


def test_too_many_tasks_are_refused():
    values, leaving, _ = made_up(7, 2, 0)
    score = score_of(values, np.full(7, 1 / 7), Estimator.BLOCKWISE)
    with pytest.raises(BudgetError, match="7"):
        hybrid_front(score, np.ones(2), leaving)
