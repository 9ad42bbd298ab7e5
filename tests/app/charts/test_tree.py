import json

from app.charts.bars import bars_drawing
from app.charts.tree import small_tree_drawing, tree_drawing
from core.layouts import Layout

LAYOUT = Layout.parse("0,1,2 | 0,1;2")


def test_a_tree_is_sent_as_plain_data():
    drawing = tree_drawing(LAYOUT, ["a", "b", "c"], [1.0, 2.0], marked={1}, label="a tree")
    assert (drawing.name, json.loads(json.dumps(drawing.asked))) == ("tree", dict(drawing.asked))
    assert drawing.asked["layout"] == LAYOUT.to_json()
    assert "hues" not in drawing.asked
    assert tree_drawing(LAYOUT, ["a", "b", "c"], [1.0, 2.0], hues=(3, 0, 1)).asked["hues"] == [3, 0, 1]


def test_a_small_tree_needs_its_layout_alone():
    assert small_tree_drawing(LAYOUT).asked["layout"] == LAYOUT.to_json()


def test_bars_have_a_scale_that_holds_every_interval(scene_of):
    view = scene_of("five").view
    known = view.figures(view.front[0].layout)
    asked = bars_drawing(view.tasks, known).asked
    low, high = asked["domain"]
    assert low <= min(asked["low"]) + 1e-3
    assert max(asked["high"]) <= high + 1e-3
    assert len(asked["written"]) == 5
