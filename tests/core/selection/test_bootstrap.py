from collections import Counter

import numpy as np
import pytest

from core.errors import BudgetError, LayoutError
from core.estimators import Spread, TwoTaskTable, resampled_values, task_weights
from core.layouts import Layout
from core.selection import bootstrap
from core.selection.bootstrap import choice_frequency
from core.selection.exact import best_layouts
from core.selection.pairwise import PairwiseScore


def table_of(n_tasks, n_blocks, seed=0, n_seeds=3):
    samples = np.random.default_rng(seed).normal(size=(n_seeds, n_tasks, n_tasks, n_blocks + 1))
    samples[..., 0] = 0.0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return TwoTaskTable.from_samples([f"t{i}" for i in range(n_tasks)], samples)


@pytest.mark.parametrize("budget", [None, "60%", "1x", 7.0])
@pytest.mark.parametrize("rule", ["svde", "uniform", "1,2,4"])
def test_shares_are_what_the_exact_search_finds_draw_by_draw(budget, rule):
    table, costs = table_of(3, 4), np.array([1.0, 2.0, 1.0, 3.0])
    found = choice_frequency(table, rule, costs, rng=np.random.default_rng(5), budget=budget, n=40)
    draws = resampled_values(table, 40, np.random.default_rng(5))
    expected = Counter(
        best_layouts(
            PairwiseScore.of(values, task_weights(TwoTaskTable(table.tasks, values), rule).values),
            costs,
            budget=budget,
            top=1,
        )[0].layout
        for values in draws
    )
    assert {f.layout: f.share for f in found.layouts} == {layout: n / 40 for layout, n in expected.items()}
    assert sum(f.share for f in found.layouts) == pytest.approx(1.0)
    assert found.spread is Spread.SEEDS


def test_searching_and_enumerating_agree(monkeypatch):
    table, costs = table_of(4, 2), np.array([1.0, 1.0])
    listed = choice_frequency(table, "uniform", costs, rng=np.random.default_rng(1), budget="2x", n=50)
    monkeypatch.setattr(bootstrap, "MOST_ADDITIONS", 0)
    searched = choice_frequency(table, "uniform", costs, rng=np.random.default_rng(1), budget="2x", n=50)
    assert listed == searched


def test_ties_go_to_the_cheapest_layout():
    table = TwoTaskTable(("a", "b", "c"), np.zeros((3, 3, 3)))
    found = choice_frequency(table, "uniform", np.ones(2), rng=np.random.default_rng(0), n=10)
    assert found.recommended.layout == Layout.all_shared(3, 2)
    assert found.recommended.share == 1.0
    assert found.recommended.cost == 2.0
    assert found.spread is Spread.NONE


def test_a_clear_winner_is_always_chosen():
    samples = table_of(3, 2).samples * 0.01
    samples[..., 1] += 5.0
    table = TwoTaskTable.from_samples(("a", "b", "c"), samples)
    found = choice_frequency(table, "uniform", np.ones(2), rng=np.random.default_rng(0))
    assert str(found.recommended.layout) == "0,1,2 | 0;1;2"
    assert found.recommended.share == 1.0


def test_a_budget_below_the_cheapest_layout_is_refused():
    with pytest.raises(BudgetError, match="cheapest"):
        choice_frequency(table_of(3, 2), "uniform", np.ones(2), rng=np.random.default_rng(0), budget=1.0)


def test_too_many_tasks_are_refused():
    with pytest.raises(LayoutError, match="13 tasks"):
        choice_frequency(table_of(13, 1), "uniform", np.ones(1), rng=np.random.default_rng(0))
