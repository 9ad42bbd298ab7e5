import re
import xml.etree.ElementTree as ET

import numpy as np

from app.charts.bars_picture import bars_picture
from app.charts.paper import LIGHT, on_paper
from app.charts.tree_picture import task_places, tree_picture
from app.components.served import text_of
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts

NAMES = ['<script>alert("x")</script>', "R&D", "c" * 200, "\u202eabc"]


def test_branches_never_cross_whatever_the_layout():
    for layout in enumerate_layouts(4, 3):
        places = task_places(layout)
        assert sorted(places.values()) == list(range(4))
        for groups in layout.partitions:
            for group in groups:
                lanes = sorted(places[task] for task in group)
                assert lanes == list(range(lanes[0], lanes[0] + len(group)))


def test_a_tree_is_whole_svg_whose_names_are_text_and_whose_copies_are_drawn_once():
    layout = Layout.parse("0,1,2,3 | 0,1;2,3 | 0;1;2,3")
    drawn = ET.fromstring(on_paper(tree_picture(layout, NAMES, [1.0, 2.0, 4.0])))
    kinds = [node.tag.rpartition("}")[2] for node in drawn.iter()]
    # One edge for each copy of a block, one stripe for each task on it.
    assert kinds.count("line") == sum(len(groups) for groups in layout.partitions)
    assert kinds.count("path") == 4 * 3
    assert "script" not in kinds
    assert any((node.text or "").startswith("<script>") for node in drawn.iter())


def test_bars_hold_their_intervals(scene_of):
    view = scene_of("five").view
    known = view.figures(view.front[0].layout)
    drawn = ET.fromstring(on_paper(bars_picture(view.tasks, known, known)))
    width = float(drawn.attrib["viewBox"].split()[2])
    ends = [float(node.attrib[end]) for node in drawn.iter() for end in ("x1", "x2") if end in node.attrib]
    assert len(ends) == 2 * (1 + len(view.tasks))
    assert np.all((np.array(ends) >= 0) & (np.array(ends) <= width))


def test_colours_of_files_are_those_of_the_browser():
    (light,) = re.findall(r"LIGHT = \{(.*?)\};", text_of("runtime/theme.js"), re.DOTALL)
    assert dict(re.findall(r'"?([\w-]+)"?: "(#\w+)"', light)) == LIGHT
