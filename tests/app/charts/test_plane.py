from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.plane import Plane, Point, drawn_planes, plane_svg, scale_of

SVG = "{http://www.w3.org/2000/svg}"
points = st.builds(Point, st.floats(0.01, 1.0), st.floats(-60, 60))
some = st.lists(points, max_size=6)
planes = st.builds(
    Plane,
    front=st.lists(points, min_size=1, max_size=8).map(lambda found: sorted(found, key=lambda p: (p.cost, p.score))),
    cloud=some,
    trained=some,
    pins=st.lists(st.builds(Point, st.floats(0.01, 1.0), st.floats(-60, 60), st.sampled_from("ABCD")), max_size=4),
    x_label=st.just("cost & co"),
    y_label=st.just("Δ"),
)


@given(planes)
def test_every_point_lies_inside_the_frame(plane):
    scale = scale_of(plane)
    for point in [*plane.front, *plane.cloud, *plane.trained, *plane.pins]:
        assert scale.x0 <= scale.x(point.cost) <= scale.x1
        assert scale.top <= scale.y(point.score) <= scale.bottom
    # Single-task networks are the zero of every comparison: their line is always in sight.
    assert scale.top <= scale.y(0.0) <= scale.bottom


@given(planes, st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_higher_cost_is_to_the_right_and_better_is_up(plane, one, other):
    scale = scale_of(plane)
    less, more = sorted((one, other))
    assert scale.x(less) <= scale.x(more)
    assert scale.y(less) >= scale.y(more)
    # Two that differ by rounding only may be one place.
    if more - less > 1e-6:
        assert scale.x(less) < scale.x(more)
        assert scale.y(less) > scale.y(more)


@given(planes)
def test_the_drawing_holds_every_layout_once_with_its_cost(plane):
    root = ElementTree.fromstring(plane_svg(plane, scale_of(plane)))

    def of(kind):
        return [node for node in root.iter() if node.get("class") == kind]

    for kind, expected in (("front", plane.front), ("cloud", plane.cloud)):
        found = of(kind)
        assert [int(node.get("data-i")) for node in found] == list(range(len(expected)))
        assert [float(node.get("data-cost")) for node in found] == pytest.approx([p.cost for p in expected], rel=1e-8)
    assert len(of("trained")) == len(plane.trained)
    written = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    assert all(pin.mark in written for pin in plane.pins)
    assert {plane.x_label, plane.y_label} <= set(written)


def test_a_layout_that_costs_just_the_budget_is_not_greyed():
    # The browser compares what is written here with the budget.
    budgets = [percent / 100 for percent in range(1, 101)] + [1 / 3, 2 / 7]
    plane = Plane([Point(budget, 1.0) for budget in budgets], [], [], [], "", "")
    root = ElementTree.fromstring(plane_svg(plane, scale_of(plane)))
    costs = [float(node.get("data-cost")) for node in root.iter() if node.get("class") == "front"]
    assert len(costs) == len(budgets)
    assert all(cost <= budget * (1 + 1e-9) for cost, budget in zip(sorted(costs), sorted(budgets), strict=True))


@pytest.mark.parametrize("score", [0.0, -3.0, 1e-9])
def test_a_single_point_has_a_plane(score):
    plane = Plane([Point(0.2, score)], [], [], [], "cost", "Δ")
    scale = scale_of(plane)
    assert scale.low < 0.2 < scale.high
    assert ElementTree.fromstring(plane_svg(plane, scale)) is not None


def test_the_legend_of_usual_marks_has_one_row_and_the_phone_has_as_many_as_fit():
    some = [Point(0.5, 1.0)]
    narrow, wide = drawn_planes(Plane(some, [], some, [], "cost", "Δ", measured="test split, 2 seeds"))
    for drawn, rows in ((narrow, 3), (wide, 1)):
        entries = [node for node in ElementTree.fromstring(drawn.svg).iter() if node.get("class") == "entry"]
        heights = [float(entry.find(f"{SVG}text").get("y")) for entry in entries]
        assert len(entries) == 4
        assert len(set(heights)) == rows
        assert max(heights) < drawn.scale.height
        for entry in entries:
            words = entry.find(f"{SVG}text")
            assert float(words.get("x")) + 6 * len(words.text) <= drawn.scale.width
