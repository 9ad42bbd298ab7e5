import math
from collections import Counter

import pytest

from core.costs import CostQuestion, Unit
from core.plane.published import published_networks, tables_without_point


def test_a_printed_mean_is_that_of_the_printed_gains():
    for network in published_networks():
        mean = math.fsum(network.gains) / len(network.gains)
        assert len(network.gains) == len(network.table.tasks), network
        # Both were rounded to one digit; Table 5 cuts its first mean off.
        assert abs(mean - network.gain) < 0.101, (network.name, mean)


def test_every_table_with_points_is_there_and_none_twice():
    rows = Counter((network.table.paper, network.table.number) for network in published_networks())
    assert rows == {
        ("TreeMTL", "1"): 5, ("TreeMTL", "2"): 5, ("TreeMTL", "4"): 10, ("TreeMTL", "5"): 3, ("TreeMTL", "6"): 1,
        ("Branched MTL", "2"): 2, ("Branched MTL", "4"): 1,
    }  # fmt: skip
    assert not rows.keys() & {(each.paper, each.number) for each in tables_without_point()}


def test_gains_of_metrics_follow_their_direction():
    branched = next(each for each in published_networks() if each.name == "Branched MTL")
    # More IoU, fewer pixels of error.
    assert branched.gains == pytest.approx([100 * 0.67 / 60.68, 100 * 1.38 / 11.34, 100 * 0.12 / 2.78])
    assert branched.shares == {(CostQuestion.STORED, Unit.PARAMETERS): 107 / 138}


def test_a_change_of_cost_is_a_share():
    found = next(each for each in published_networks() if each.name == "#0, 1 model")
    assert found.shares[CostQuestion.ALL_TASKS, Unit.MACS] == pytest.approx(1 / 5)
