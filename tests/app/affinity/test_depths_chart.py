from xml.etree import ElementTree as ET

from app.affinity.depths_chart import depths_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(values, **more):
    return ET.fromstring(depths_svg(values, label="Spearman", **more))


def test_each_known_depth_is_a_point_and_a_gap_breaks_the_line():
    whole, broken = drawn([0.1, 0.5, 0.9]), drawn([0.1, None, 0.9])
    assert len(whole.findall(f"{SVG}circle")) == 3
    assert len(broken.findall(f"{SVG}circle")) == 2
    lines = [sum(node.get("stroke-width") == "2" for node in tree.iter(f"{SVG}line")) for tree in (whole, broken)]
    assert lines == [2, 0]


def test_higher_values_stand_higher_and_the_chosen_depth_is_larger():
    first, second = drawn([-0.5, 0.5], chosen=1).findall(f"{SVG}circle")
    assert float(first.get("cy")) > float(second.get("cy"))
    assert float(second.get("r")) > float(first.get("r"))


def test_intervals_are_drawn_where_there_are_any_and_one_depth_is_enough():
    bars = [node for node in drawn([0.5], low=[0.2], high=[0.7]).iter(f"{SVG}line") if node.get("x1") == node.get("x2")]
    assert len(bars) == 1
    assert drawn([None]).find(f"{SVG}circle") is None
