import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BudgetError
from core.selection.budget import Budget, inclusive

COSTS = np.array([1.0, 3.0])


@pytest.mark.parametrize(
    ("text", "absolute"),
    [("3x", 12.0), (" 1.5 x ", 6.0), ("2×", 8.0), ("60%", 12.0), ("100 %", 20.0), ("7", 7.0), ("1e6", 1e6), (5, 5.0)],
)
def test_the_three_ways_of_writing_a_budget(text, absolute):
    assert Budget.parse(text).absolute(COSTS, n_tasks=5) == pytest.approx(absolute, rel=1e-15)


@pytest.mark.parametrize("text", ["", "x", "%", "3y", "-3x", "-1", "nan", "inf", "1e999", "3x%", True, None, "1 2", []])
def test_anything_else_is_refused(text):
    with pytest.raises(BudgetError):
        Budget.parse(text)


@given(st.text(max_size=30))
def test_no_text_escapes_as_another_error(text):
    try:
        amount = Budget.parse(text).amount
    except BudgetError:
        return
    assert 0 <= amount < np.inf


def test_the_limit_itself_is_within():
    assert inclusive(0.3, 0.1 + 0.2) >= 0.1 + 0.2
    assert inclusive(0.0, 0.0) == 0.0
    with pytest.raises(BudgetError, match=r"The cheapest layout costs 1,000, the budget is 999\."):
        inclusive(999, 1000)
