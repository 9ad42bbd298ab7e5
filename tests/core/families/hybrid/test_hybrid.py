"""Hybrids as values: one network, one value; and costs between those of their layout and their paths."""

import pytest

from core.backbones import Backbone, Block
from core.costs import CostQuestion, Unit, layout_allocation
from core.errors import LayoutError
from core.families.hybrid.hybrid import Hybrid
from core.layouts import Layout

BACKBONE = Backbone("b", tuple(Block(f"b{n}", 2**n, 2**n) for n in range(3)))


def test_what_a_layout_says_of_a_task_that_left_is_no_part_of_the_network():
    one = Hybrid.of(Layout.parse("0,1,2 | 0,1,2 | 0,1;2"), (0, 2, 2))
    other = Hybrid.of(Layout.parse("0,1,2 | 0;1,2 | 0;1;2"), (0, 2, 2))
    assert one == other
    assert one.groups(1) == ((1, 2),)
    assert Hybrid.parse(one.to_text(("a", "b", "c")), ("a", "b", "c")) == one


def test_copies_are_counted_as_far_as_a_task_runs_them():
    hybrid = Hybrid.parse("0,1,2 | 0,1;2 | 0;1;2 @ 1,2,0")
    found = hybrid.allocation(BACKBONE, "abc")
    assert found.cost(CostQuestion.STORED, Unit.PARAMETERS) == 1 + 2 + 4
    assert found.cost(CostQuestion.ONE_TASK, Unit.MACS) == pytest.approx((3 + 7 + 1) / 3)
    assert found.cost(CostQuestion.RESIDENT, Unit.PARAMETERS) == 7
    assert not hybrid.is_layout
    assert hybrid.is_path
    assert not Hybrid.parse("0,1,2 | 0,1;2 | 0;1;2 @ 1,2,1").is_path


def test_without_exits_it_is_the_layout():
    layout = Layout.parse("0,1,2 | 0,1;2 | 0;1;2")
    hybrid = Hybrid.parse(layout.to_text())
    assert hybrid.is_layout
    assert hybrid.allocation(BACKBONE, "abc") == layout_allocation(layout, BACKBONE, "abc")


@pytest.mark.parametrize("text", ["0,1 | 0,1 @ 1", "0,1 | 0,1 @ 1,2", "0,1 | 0,1 @ 1,x", "0,1 | 0,1 @"])
def test_exits_that_do_not_fit_are_refused(text):
    with pytest.raises(LayoutError):
        Hybrid.parse(text)
