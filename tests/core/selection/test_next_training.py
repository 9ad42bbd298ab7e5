"""The worth of trainings against a simulation that makes them, and the order in which they are advised."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import BudgetError, LayoutError
from core.estimators.belief import Belief, belief_of
from core.estimators.two_task import TwoTaskTable
from core.layouts import Layout
from core.selection.knowledge import Candidate, known_layouts
from core.selection.next_training import cells, next_batch, rank_trainings, whole_layouts


def table_of(n_seeds=1, n_tasks=3, n_blocks=2, seed=2, effect=0.3):
    rng = np.random.default_rng(seed)
    samples = np.cumsum(rng.normal(0, effect, (n_tasks, n_tasks, n_blocks + 1)), axis=2)
    samples = samples - samples[..., :1] + rng.normal(0, 0.4, (n_seeds, n_tasks, n_tasks, n_blocks + 1))
    samples[..., 0] = 0.0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return TwoTaskTable.from_samples(tuple("abcdefghijklmn"[:n_tasks]), samples)


def known_of(belief, costs, **more):
    weights = np.full(belief.n_tasks, 1 / belief.n_tasks)
    return known_layouts(belief, weights, np.asarray(costs, float), rng=np.random.default_rng(0), **more)


def rank(known, candidates, seconds=lambda _: 1.0):
    return rank_trainings(known, candidates, seconds)


def simulated(known, candidate, times=1, n=2000):
    """Return the expected gain of a training by making it n times: draw what it measures, learn it, choose again."""
    rng = np.random.default_rng(5)
    today = int(np.argmax(known.means))
    rows, noise = known.measured(candidate, times)
    root = np.linalg.cholesky(rows @ known.belief.covariance @ rows.T + np.diag(noise))
    gains = []
    for _ in range(n):
        values = rows @ known.belief.mean + root @ rng.standard_normal(len(noise))
        means = replace(known, belief=known.belief.learned(rows, noise, values)).means
        gains.append(means.max() - means[today])
    return float(np.mean(gains))


@pytest.mark.parametrize("candidate", [Candidate((0, 1), 2, 1), Candidate((0, 2), 1, 1)])
def test_the_expected_gain_is_that_of_making_the_training_many_times(candidate):
    known = known_of(belief_of(table_of()), [1.0, 1.0])
    (found,) = rank(known, [candidate])
    assert found.gain == pytest.approx(simulated(known, candidate, found.times), rel=0.15, abs=0.002)
    assert found.gain > 0


def test_so_it_is_for_whole_layouts():
    known = known_of(belief_of(table_of()), [1.0, 1.0])
    (found,) = rank(known, whole_layouts(known, ())[:1])
    assert found.gain == pytest.approx(simulated(known, found.candidate, found.times), rel=0.15, abs=0.002)
    assert found.gain > 0


def certain(mean, deviation):
    """Return the belief of two tasks on one block: nothing but what task 0 gains beside task 1 is open."""
    state, covariance = np.zeros(10), np.zeros((10, 10))
    state[1], covariance[1, 1] = mean, deviation**2
    return Belief(state, covariance, 2, 1, 1, 1, np.full(2, 1e-12), np.zeros(2))


def test_its_worth_is_the_closed_form_where_there_is_one():
    # Sharing gains half of a normal around 0, not sharing 0: E[max(0, x)] = s/√(2π).
    known = known_of(certain(0.0, 1.0), [1.0])
    (found,) = rank(known, [Candidate((0, 1), 1, 1)])
    assert found.gain == pytest.approx(0.5 / np.sqrt(2 * np.pi), rel=0.05)
    assert found.change_probability == pytest.approx(0.5, abs=0.05)
    standing = known.standing(0.0, np.random.default_rng(0))
    assert standing.loss == pytest.approx(0.5 / np.sqrt(2 * np.pi), rel=0.1)
    assert standing.probability == pytest.approx(0.5, abs=0.05)


def test_what_is_known_surely_is_worth_nothing_and_sure():
    known = known_of(certain(2.0, 1e-6), [1.0])
    standing = known.standing(0.1, np.random.default_rng(0))
    assert standing.layout == Layout.all_shared(2, 1)
    assert (standing.probability, standing.gain) == (1.0, pytest.approx(1.0))
    assert standing.loss < 1e-6
    assert rank(known, [Candidate((0, 1), 1, 1)])[0].gain < 1e-6
    assert next_batch(known, [], lambda _: 1.0, 3) == []


def test_of_equally_useful_trainings_the_shorter_comes_first():
    known = known_of(belief_of(table_of()), [1.0, 1.0])
    options = cells(np.ones((1, 3, 3, 3), dtype=bool))
    first = rank(known, options)[0].candidate
    slow = rank(known, options, lambda each: 100.0 if each == first else 1.0)
    assert slow[0].candidate != first
    assert [each.rate for each in slow] == sorted((each.rate for each in slow), reverse=True)


def test_no_training_of_a_batch_is_made_twice_and_each_leaves_less_to_gain():
    known = known_of(belief_of(table_of()), [1.0, 1.0])
    batch = next_batch(known, cells(np.ones((1, 3, 3, 3), dtype=bool)), lambda _: 1.0, 4)
    assert len({each.candidate for each in batch}) == len(batch) == 4
    after = known
    for each in batch:
        after = after.after(each.candidate)
    rng = np.random.default_rng
    assert after.standing(0.1, rng(0)).loss < known.standing(0.1, rng(0)).loss


def test_a_cell_is_offered_from_the_first_seed_that_lacks_it_and_from_a_new_one():
    measured = np.ones((2, 2, 2, 3), dtype=bool)
    measured[1, 0, 1, 2] = measured[1, 1, 0, 2] = False
    assert cells(measured) == [Candidate((0, 1), 1, 2), Candidate((0, 1), 2, 1), Candidate((0, 1), 2, 2)]


def test_a_budget_leaves_out_layouts_and_what_tells_of_them_alone():
    beliefs = belief_of(table_of())
    known = known_of(beliefs, [1.0, 1.0], limit=2.0)
    assert set(known.layouts) == {Layout.all_shared(3, 2)}
    assert all(each.gain == 0 for each in rank(known, cells(np.ones((1, 3, 3, 3), dtype=bool))))
    with pytest.raises(BudgetError, match="cheapest"):
        known_of(beliefs, [1.0, 1.0], limit=1.0)


def test_renaming_tasks_renames_the_trainings():
    table, order = table_of(), [2, 0, 1]
    options = cells(np.ones((1, 3, 3, 3), dtype=bool))
    before = {each.candidate: each.gain for each in rank(known_of(belief_of(table), [1.0, 1.0]), options)}
    for each in rank(known_of(belief_of(table.restricted(order)), [1.0, 1.0]), options):
        i, j = sorted(order[task] for task in each.candidate.tasks)
        assert each.gain == pytest.approx(before[replace(each.candidate, tasks=(i, j))], rel=0.25, abs=3e-3)


def test_many_layouts_compete_by_draws_and_too_many_tasks_are_refused():
    known = known_of(belief_of(table_of(1, 6, 3)), np.ones(3))
    assert 2 <= len(known.layouts) <= 400
    best = int(np.argmax(known.means))
    assert known.standing(0.1, np.random.default_rng(0)).layout == known.layouts[best]
    with pytest.raises(LayoutError, match="13 tasks"):
        known_of(belief_of(table_of(1, 13, 1)), [1.0])
