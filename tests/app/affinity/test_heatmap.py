import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from app.affinity.heatmap import matrix_svg


def drawn(values, **more):
    names = [f"<t {i}>" for i in range(values.shape[1])]
    return ET.fromstring(matrix_svg(values, [f"row {i}" for i in range(len(values))], names, label="A & B", **more))


def texts(tree):
    return [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]


def test_every_number_name_and_hole_is_drawn():
    tree = drawn(np.array([[0.25, -1.5], [np.nan, 3.0]]))
    assert {"0.25", "−1.50", "3.00", "row 0", "<t 1>"} <= set(texts(tree))
    assert len(tree.findall("{http://www.w3.org/2000/svg}path")) == 1
    assert tree.get("aria-label") == "A & B"


def test_tints_follow_the_values_and_stay_pale():
    tree = drawn(np.array([[0.0, 0.5, 1.0]]), domain=(0.0, 1.0))
    tints = [float(node.get("fill-opacity")) for node in tree.iter() if node.get("fill-opacity")]
    assert tints == sorted(tints)
    assert tints[0] < tints[-1] < 0.5


def test_a_frame_and_underlined_cells_mark_without_colour():
    tree = drawn(np.ones((2, 2)), marked_rows=(1,), marked=[(0, 1)])
    assert sum(node.get("text-decoration") == "underline" for node in tree.iter()) == 1
    assert sum(node.get("fill") == "none" for node in tree.iter()) == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (10, 10), (2, 40)])
def test_any_size_stays_inside_of_its_canvas(shape):
    tree = drawn(np.random.default_rng(0).random(shape))
    _, _, width, height = map(float, re.findall(r"[\d.]+", tree.get("viewBox")))
    for rect in tree.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.get("x")) + float(rect.get("width")) <= width
        assert float(rect.get("y")) + float(rect.get("height")) <= height
