import numpy as np

from core.layouts import Layout
from core.selection import Choice, PairwiseScore
from core.selection.choice import Terms


def test_the_one_tie_order():
    terms = Terms(PairwiseScore(np.zeros((3, 3, 3))), np.array([1.0, 1.0]))
    few, many = Layout.all_shared(3, 2), Layout.all_split(3, 2)
    first, second = Layout.parse("0,1,2 | 0,1;2"), Layout.parse("0,1,2 | 0,2;1")
    ordered = [
        Choice(many, 2.0, 9.0),
        Choice(many, 1.0, 2.0),
        Choice(few, 1.0 - 1e-13, 3.0),
        Choice(first, 1.0, 3.0 + 1e-13),
        Choice(second, 1.0, 3.0),
        Choice(few, 0.0, 1.0),
    ]
    assert sorted([ordered[i] for i in (3, 5, 1, 4, 0, 2)], key=terms.order) == ordered
    assert terms.front(ordered[::-1]) == [ordered[5], ordered[1], ordered[0]]


def test_whole_parameters_stay_apart():
    terms = Terms(PairwiseScore(np.zeros((5, 5, 3))), np.array([21_284_672.0, 7e9]))
    assert terms.cost_key(21_284_672.0 + 7e9) != terms.cost_key(21_284_673.0 + 7e9)
    assert terms.cost_key(0.1 + 0.2 + 7e9) == terms.cost_key(0.3 + 7e9)
