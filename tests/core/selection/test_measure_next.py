import numpy as np
import pytest

from core.errors import BudgetError, LayoutError
from core.estimators import TwoTaskTable
from core.selection.measure_next import rank_runs


def rank(table, budget=None, weights="uniform"):
    costs = np.ones(table.n_blocks)
    return rank_runs(table, weights, costs, rng=np.random.default_rng(0), budget=budget)


def random_table(n_tasks, n_blocks, seed=0):
    values = np.random.default_rng(seed).normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[..., 0] = 0.0
    values[np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return TwoTaskTable(tuple("abcdef"[:n_tasks]), values, 0.1 * np.abs(values))


def one_uncertain_cell(stderr):
    """Sharing block 0 helps surely; whether tasks 0 and 1 gain by block 1 as well is open."""
    values, errors = np.zeros((3, 3, 3)), np.zeros((3, 3, 3))
    values[..., 1:] = [2.0, -5.0]
    values[0, 1, 2] = values[1, 0, 2] = 2.0
    errors[0, 1, 2] = stderr
    values[np.arange(3), np.arange(3)] = 0.0
    return TwoTaskTable(("a", "b", "c"), values, errors)


def test_the_cell_that_decides_comes_first_and_the_others_are_worth_nothing():
    runs = rank(one_uncertain_cell(1.0))
    assert (runs[0].tasks, runs[0].branch_point, runs[0].measured) == ((0, 1), 2, True)
    assert all(run.gain == 0 for run in runs[1:])
    assert len(runs) == 3 * 2


def test_its_worth_is_the_normal_closed_form():
    # The mean of task 0 moves by N(0, s²/2) after one more seed; a third of it, halved over two
    # partners, reaches the score; today both choices are equal, so the gain is E[max(0, x)].
    run = rank(one_uncertain_cell(1.0))[0]
    moves = np.sqrt(1.0 / 2.0) / 3.0 / 2.0
    assert run.gain == pytest.approx(moves / np.sqrt(2 * np.pi), rel=0.1)
    assert run.change_probability == pytest.approx(0.5, abs=0.01)


def test_more_doubt_is_worth_more():
    assert rank(one_uncertain_cell(4.0))[0].gain > 2 * rank(one_uncertain_cell(1.0))[0].gain


def test_a_hole_that_may_change_the_choice_beats_a_measured_cell():
    values = one_uncertain_cell(0.0).values.copy()
    values[0, 1, 2] = values[1, 0, 2] = np.nan
    runs = rank(TwoTaskTable(("a", "b", "c"), values))
    assert (runs[0].tasks, runs[0].branch_point, runs[0].measured) == ((0, 1), 2, False)
    assert runs[0].gain > 0
    assert runs[1].gain == 0


def test_a_cell_that_the_budget_excludes_is_worth_nothing():
    values = one_uncertain_cell(0.0).values.copy()
    values[0, 1, 1] = values[1, 0, 1] = np.nan
    # One backbone pays for all-shared only, whatever a shorter trunk would bring.
    assert all(run.gain == 0 for run in rank(TwoTaskTable(("a", "b", "c"), values), budget="1x"))


def test_a_sure_table_has_nothing_left_to_measure():
    runs = rank(TwoTaskTable(("a", "b"), random_table(2, 3).values))
    assert all(run.gain == 0 and run.change_probability == 0 and run.measured for run in runs)


def test_renaming_tasks_renames_the_runs():
    table = random_table(3, 3, 7)
    order = [2, 0, 1]
    before = {(run.tasks, run.branch_point): run.gain for run in rank(table)}
    for run in rank(table.restricted(order)):
        i, j = (order[t] for t in run.tasks)
        assert run.gain == pytest.approx(before[(min(i, j), max(i, j)), run.branch_point], rel=0.25, abs=2e-3)


def test_bad_budgets_and_too_many_tasks_are_refused():
    with pytest.raises(BudgetError, match="cheapest"):
        rank(random_table(2, 2), budget=0.5)
    big = TwoTaskTable(tuple(f"t{i}" for i in range(13)), np.zeros((13, 13, 2)))
    with pytest.raises(LayoutError, match="13 tasks"):
        rank(big)
