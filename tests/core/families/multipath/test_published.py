"""The paper's tables: their own arithmetic, and what it says about the abstract."""

import pytest

from core.families.multipath.ladder import preset_ladder
from core.families.multipath.published import ABSTRACT_SAVING, STATED_SHARES, TABLE_2, TABLE_3, saved


@pytest.mark.parametrize("table", [*TABLE_2, *TABLE_3], ids=lambda table: f"{table.dataset}, {table.backbone}")
def test_every_method_has_a_number_for_every_task(table):
    for method in table.methods:
        assert len(method.accuracy) == len(table.tasks)
        assert len(method.params) in (0, len(table.tasks))
        assert all(50 < value <= 100 for value in method.accuracy)
    # Longer paths hold more, and the last one is the whole network.
    ours = table.method("Ours").params
    assert [*ours] == sorted(ours)
    assert ours[-1] == 1


def test_printed_costs_are_those_of_the_presets():
    exits = preset_ladder("resnet18-5").exits
    ours = TABLE_2[0].method("Ours")
    assert [round(e.published_params / exits[-1].params, 1) for e in exits] == [*ours.params]
    assert [round(e.published_macs / 1e9, 3) for e in exits] == [*ours.gflops]


def test_the_abstracts_saving_is_of_parameters_and_not_of_operations():
    exits = preset_ladder("resnet18-5").exits
    low, high = (percent / 100 for percent in ABSTRACT_SAVING)
    params, macs = (
        saved(tuple(getattr(e, name) / getattr(exits[-1], name) for e in exits))
        for name in ("published_params", "published_macs")
    )
    assert low < params < high
    # Of GMACs with four digits it is 12.7 %.
    assert macs == pytest.approx(0.127, abs=2e-3)


def test_the_text_and_table_3_state_other_shares():
    assert all(table.method("Ours").params != STATED_SHARES for table in TABLE_3)
