import numpy as np
import pytest

from core.costs import layout_cost
from core.estimators import estimates, read_table_path, task_weights
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts


@pytest.mark.parametrize("weights", ["svde", "uniform", "1,0,0"])
@pytest.mark.parametrize("costs", [[1, 2, 3, 4], [5, 1, 1, 0.5], [1, 1, 1, 1]])
def test_the_front_is_that_of_brute_force(answer, table, weights, costs):
    found = answer("front", table, "--costs", ",".join(map(str, costs)), "--weights", weights)
    values = read_table_path(table).values
    w = task_weights(read_table_path(table), weights).values
    points = sorted(
        {
            (layout_cost(layout, np.array(costs, float)), round(float(estimates(values, layout) @ w), 9))
            for layout in enumerate_layouts(3, 4)
        }
    )
    front = [p for p in points if not any(q != p and q[0] <= p[0] and q[1] >= p[1] for q in points)]
    assert [(row["cost"], round(row["score"], 9)) for row in found["front"]] == front
    assert found["exact"] is True
    for row in found["front"]:
        layout = Layout.of(row["layout"])
        assert row["cost"] == pytest.approx(layout_cost(layout, np.array(costs, float)))
        assert row["score"] == pytest.approx(float(estimates(values, layout) @ w))


def test_people_get_rising_costs(call, table):
    lines = call("front", table, "--costs", "1,2,3,4").stdout.splitlines()
    costs = [float(line.split()[0]) for line in lines[1 : lines.index("")]]
    assert costs == sorted(costs)
    assert costs[0] == 10


def test_wrong_costs_are_refused(refusal, table):
    assert "Found 3. Write --costs" in refusal("front", table, "--costs", "1,2,3", "--json")
