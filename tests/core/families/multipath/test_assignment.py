"""Exits for tasks: the exact best ones, against trying all."""

from itertools import pairwise, product

import numpy as np
import pytest

from core.errors import BudgetError
from core.families.multipath.assignment import (
    AssignmentQuestion,
    assignment_cost,
    best_assignment,
    best_assignments,
)

QUESTIONS = [*AssignmentQuestion]


def _case(seed):
    rng = np.random.default_rng(seed)
    n_tasks, n_exits = int(rng.integers(1, 6)), int(rng.integers(2, 6))
    # Coarse values, so that ties are frequent.
    gains = rng.integers(-4, 5, (n_tasks, n_exits)) / 2
    costs = np.cumsum(rng.integers(1, 4, n_exits)).astype(float).tolist()
    usage = rng.integers(1, 5, n_tasks).astype(float).tolist()
    return gains, costs, usage


def _all(gains, costs, question, usage):
    for exits in product(range(len(costs)), repeat=len(gains)):
        score = float(np.mean([gains[task, exit_] for task, exit_ in enumerate(exits)]))
        yield exits, assignment_cost(exits, costs, question, usage), score


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("seed", range(20))
def test_no_assignment_within_the_budget_is_better(question, seed):
    gains, costs, usage = _case(seed)
    everything = [*_all(gains, costs, question, usage)]
    for budget in sorted({cost for _, cost, _ in everything}):
        found = best_assignment(gains, costs, budget, question, usage)
        within = [(score, -cost) for _, cost, score in everything if cost <= budget * (1 + 1e-9)]
        best_score = max(score for score, _ in within)
        assert found.score == pytest.approx(best_score, abs=1e-9)
        cheapest = min(-cost for score, cost in within if score >= best_score - 1e-9)
        assert found.cost == pytest.approx(cheapest)
        assert found.cost == pytest.approx(assignment_cost(found.exits, costs, question, usage))
        assert found.score == pytest.approx(np.mean([gains[t, e] for t, e in enumerate(found.exits)]))
    assert best_assignment(gains, costs, 0.5 * min(cost for _, cost, _ in everything), question, usage) is None


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_the_front_rises_in_cost_and_score(question, seed):
    gains, costs, usage = _case(seed)
    front = best_assignments(gains, costs, question, usage)
    for one, other in pairwise(front):
        assert one.cost < other.cost
        assert one.score < other.score
    assert front[-1].score == pytest.approx(gains.max(axis=1).mean())


@pytest.mark.parametrize("question", QUESTIONS)
def test_permuting_tasks_permutes_the_assignment(question):
    rng = np.random.default_rng(0)
    gains, costs, usage = rng.normal(size=(4, 3)), [1.0, 2.5, 4.25], [0.1, 0.2, 0.3, 0.4]
    order = [2, 0, 3, 1]
    plain = best_assignments(gains, costs, question, usage)
    turned = best_assignments(gains[order], costs, question, [usage[i] for i in order])
    assert [tuple(each.exits[i] for i in order) for each in plain] == [each.exits for each in turned]


def test_a_task_that_is_used_more_is_worth_an_earlier_exit_first():
    # Both lose the same by leaving early; only one of them can stay for the budget.
    gains, costs = np.array([[0.0, 1.0], [0.0, 1.0]]), [1.0, 3.0]
    found = best_assignment(gains, costs, 2.0, AssignmentQuestion.ACTIVE, [0.8, 0.2])
    assert found.exits == (0, 1)
    assert found.cost == pytest.approx(0.8 * 1 + 0.2 * 3)


def test_many_tasks_take_a_moment():
    rng = np.random.default_rng(1)
    found = best_assignments(rng.normal(size=(40, 5)), [1.0, 2.0, 3.0, 4.0, 5.0], AssignmentQuestion.OWN_INPUT)
    assert len(found[-1].exits) == 40


@pytest.mark.parametrize(
    ("gains", "costs", "usage", "words"),
    [
        ([[1.0, 2.0]], [1.0], (), "column for each exit"),
        ([1.0, 2.0], [1.0, 2.0], (), "column for each exit"),
        ([[1.0, float("nan")]], [1.0, 2.0], (), "no finite number"),
        ([[1.0, 2.0]], [2.0, 1.0], (), "rise"),
        ([[1.0, 2.0]], [1.0, 2.0], (1.0, 1.0), "shares of use"),
        ([[1.0, 2.0]], [1.0, 2.0], (-1.0,), "shares of use"),
        ([[1.0, 2.0]], [1.0, 2.0], (0.0,), "shares of use"),
    ],
)
def test_what_makes_no_question_is_one_sentence(gains, costs, usage, words):
    with pytest.raises(BudgetError, match=words):
        best_assignments(np.array(gains), costs, AssignmentQuestion.ACTIVE, usage)
