import math
from xml.etree import ElementTree

import numpy as np

from app.charts.heat_maps_picture import HeatMap, cell_colour, heat_maps_picture


def drawn(maps, names, **more):
    found = heat_maps_picture(maps, names, digits=1, label="maps", most=2.0, **more)
    return list(ElementTree.fromstring(found).iter())


def words(nodes):
    return [node.text for node in nodes if node.text]


def test_every_number_is_written_and_a_hole_is_crossed():
    values = np.array([[1.0, 0.25], [math.nan, 2.0]])
    nodes = drawn([HeatMap("one", values), HeatMap("two", values)], ["<a>", "b"], is_diverging=False)
    assert words(nodes).count("0.2") == 2
    assert words(nodes).count("×") == 2
    assert "<a>" in words(nodes)
    fills = [node.get("fill") for node in nodes if node.tag.endswith("rect")]
    assert fills == [cell_colour(0.5), cell_colour(0.125), cell_colour(1.0)] * 2


def test_a_task_beside_itself_has_no_gain():
    nodes = drawn([HeatMap("one", np.array([[0.0, -1.0], [2.0, 0.0]]))], ["a", "b"], is_diverging=True)
    assert {"−1.0", "+2.0"} <= set(words(nodes))
    assert not {"0.0", "+0.0", "×"} & set(words(nodes))


def test_a_gain_and_a_loss_of_one_size_are_as_full():
    shades = [[int(cell_colour(part)[place : place + 2], 16) for place in (1, 3, 5)] for part in (0.0, 1.0, -1.0)]
    assert shades[1][2] - shades[1][0] > 40  # blue
    assert shades[2][0] - shades[2][2] > 40  # orange
    assert abs(shades[0][0] - shades[0][2]) < 20
