import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backbones import Backbone, Block
from core.costs import CostQuestion, Unit, block_costs, layout_cost
from core.errors import BackboneError, LayoutError
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts

# ResNet-34's stem and stages.
RESNET34 = Backbone(
    "resnet34",
    tuple(
        Block(f"stage {i}", params, 10 * params, latency=0.001)
        for i, params in enumerate((9_536, 221_952, 1_116_416, 6_822_400, 13_114_368))
    ),
)


def test_extremes_cost_one_backbone_and_t_backbones():
    for unit in Unit:
        costs = block_costs(RESNET34, unit)
        assert layout_cost(Layout.all_shared(4, 5), costs) == costs.sum()
        assert layout_cost(Layout.all_split(4, 5), costs) == 4 * costs.sum()


def test_resnet34_and_the_saving_of_hard_sharing():
    costs = block_costs(RESNET34, Unit.PARAMETERS)
    assert costs.sum() == 21_284_672
    saving = layout_cost(Layout.all_shared(3, 5), costs) / layout_cost(Layout.all_split(3, 5), costs) - 1
    assert round(100 * saving, 2) == -66.67


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=3))
def test_a_cost_is_the_sum_over_copies(costs):
    for layout in enumerate_layouts(3, 3):
        expected = sum(costs[b] for b, partition in enumerate(layout.partitions) for _ in partition)
        assert layout_cost(layout, np.array(costs)) == pytest.approx(expected)


def test_cutting_never_makes_a_layout_cheaper():
    costs = block_costs(RESNET34, Unit.MACS)
    for layout in enumerate_layouts(3, 5):
        assert all(layout_cost(cut, costs) > layout_cost(layout, costs) for cut in layout.cuts())


def test_bytes_are_four_for_every_parameter():
    for layout in enumerate_layouts(3, 5):
        params, size = (layout_cost(layout, block_costs(RESNET34, unit)) for unit in (Unit.PARAMETERS, Unit.BYTES))
        assert size == 4 * params


def test_latency_needs_measured_blocks():
    untimed = Backbone("net", (Block("a", 1, 1),))
    with pytest.raises(BackboneError, match="without a measured latency"):
        block_costs(untimed, Unit.LATENCY)


def test_other_numbers_of_blocks_are_refused():
    with pytest.raises(LayoutError, match="The layout has 4 blocks, the backbone 5"):
        layout_cost(Layout.all_shared(2, 4), block_costs(RESNET34, Unit.MACS))


def test_every_unit_answers_its_usual_question():
    assert {CostQuestion.usual(unit) for unit in Unit} == {CostQuestion.STORED, CostQuestion.ALL_TASKS}
    for unit in Unit:
        assert unit in CostQuestion.usual(unit).units


def test_questions_of_computing_and_of_keeping_share_no_unit():
    computing = {*CostQuestion.ALL_TASKS.units, *CostQuestion.ONE_TASK.units}
    keeping = {*CostQuestion.STORED.units, *CostQuestion.RESIDENT.units}
    assert not computing & keeping
    assert computing | keeping == {*Unit}
    assert all(question.units for question in CostQuestion)
