import subprocess
import sys

import numpy as np
import pytest

from core.errors import BudgetError
from core.selection import PairwiseScore, best_layouts, exact_front, front, recommend


def random_score(n_tasks, n_blocks):
    rng = np.random.default_rng(n_tasks)
    return PairwiseScore.of(rng.normal(size=(n_tasks, n_tasks, n_blocks + 1)), np.ones(n_tasks)), rng.random(n_blocks)


@pytest.mark.parametrize("size", [(3, 5), (5, 4), (6, 3)])
def test_small_families_are_searched_exactly(size):
    score, costs = random_score(*size)
    found = recommend(score, costs, budget="50%", top=3)
    assert found.exact
    assert found.gap == 0.0
    assert list(found.choices) == best_layouts(score, costs, budget="50%", top=3)
    assert front(score, costs).exact
    assert list(front(score, costs).choices) == exact_front(score, costs)


def test_large_families_say_that_they_are_not():
    score, costs = random_score(18, 2)
    found = recommend(score, costs, budget="50%", top=2)
    assert not found.exact
    assert found.gap > 0.0
    assert not front(score, costs).exact


@pytest.mark.parametrize("size", [(3, 2), (7, 3)])
def test_a_budget_below_the_cheapest_layout_is_refused_by_every_search(size):
    score, costs = random_score(*size)
    with pytest.raises(BudgetError, match="The cheapest layout costs"):
        recommend(score, costs, budget=0.9 * costs.sum())
    with pytest.raises(BudgetError, match="at least one"):
        recommend(score, costs, top=0)


def test_few_layouts_wait_for_no_compiler():
    code = """
import sys
import numpy as np
from core.selection import PairwiseScore, front, recommend
score = PairwiseScore.of(np.ones((3, 3, 6)), np.ones(3))
recommend(score, np.ones(5), budget="60%"), front(score, np.ones(5))
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
