import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BudgetError
from core.selection.budget import RELATIVE_TOLERANCE, Budget, inclusive, whole_percent

COSTS = np.array([1.0, 3.0])


@pytest.mark.parametrize(
    ("text", "absolute"),
    [("3x", 12.0), (" 1.5 x ", 6.0), ("2×", 8.0), ("7", 7.0), ("1e6", 1e6), (5, 5.0)],
)
def test_the_three_ways_of_writing_a_budget(text, absolute):
    assert Budget.parse(text).absolute(COSTS, n_tasks=5) == pytest.approx(absolute, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "x", "%", "3y", "-3x", "-1", "nan", "inf", "1e999", "3x%", True, None, "1 2", [], 10**400]
)
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
    for cheapest in (1000.0, 0.1 + 0.2, 1_087_488_123.456_789):
        with pytest.raises(BudgetError) as fault:
            inclusive(0.999 * cheapest, cheapest)
        # The budget to which the sentence tells to raise it is one that can be given, and is enough.
        words = str(fault.value).split()
        assert inclusive(Budget.parse(words[words.index("to") + 1]).amount, cheapest) >= cheapest


@pytest.mark.parametrize(
    ("text", "percent"), [("49%", 49.0), ("33 %", 33.0), ("49.2%", 49.2), ("100 %", 100.0), ("1e1%", 10.0)]
)
def test_a_percentage_allows_its_cost_and_no_more(text, percent):
    limit = Budget.parse(text).absolute(COSTS, n_tasks=5) * (1 + RELATIVE_TOLERANCE)
    whole = 5 * float(np.sum(COSTS))
    assert percent / 100 * whole <= limit < (percent + 1e-6) / 100 * whole


def test_a_percent_of_a_fraction_is_whole_only_where_it_is():
    assert [whole_percent(percent / 100) for percent in range(1, 101)] == list(range(1, 101))
    assert [whole_percent(budget) for budget in (0.494, 0.4937, 1 / 3)] == [None] * 3
