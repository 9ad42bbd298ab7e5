from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.bars import bars_svg
from app.ui.formatting import percent

SVG = "{http://www.w3.org/2000/svg}"
delta = st.floats(-50, 50)


def bars(picture: str) -> list[tuple[float, float]]:
    """Give the left end and the width of every bar."""
    rects = ElementTree.fromstring(picture).iter(f"{SVG}rect")
    return [(float(node.get("x")), float(node.get("width"))) for node in rects]


@given(st.lists(delta, min_size=1, max_size=12))
def test_bars_leave_zero_to_the_side_of_their_sign_in_proportion(values):
    tasks = [f"t{i}" for i in range(len(values))]
    domain = (min(values), max(values))
    picture = bars_svg(tasks, values, values, values, domain)
    zero = float(next(ElementTree.fromstring(picture).iter(f"{SVG}line")).get("x1"))
    span = max(*domain, 0) - min(*domain, 0)
    lengths = [width for _, width in bars(picture)]
    for value, (x, width) in zip(values, bars(picture), strict=True):
        assert (x if value >= 0 else x + width) == pytest.approx(zero, abs=1.0)
        if abs(value) > 0.05 * span:
            assert width / max(lengths) == pytest.approx(abs(value) / max(map(abs, values)), abs=0.02)


@given(st.lists(delta, min_size=2, max_size=10), delta, delta)
def test_nothing_leaves_the_drawing_even_beyond_the_domain(values, one, other):
    tasks = [f"t{i}" for i in range(len(values))]
    picture = bars_svg(
        tasks, values, [v - 9 for v in values], [v + 9 for v in values], (min(one, other), max(one, other))
    )
    root = ElementTree.fromstring(picture)
    width = float(root.get("viewBox").split()[2])
    assert all(x >= -0.1 and x + w <= width + 0.1 for x, w in bars(picture))
    for node in root.iter(f"{SVG}line"):
        assert 0 <= float(node.get("x1")) <= width
        assert 0 <= float(node.get("x2")) <= width


def test_names_and_values_are_written_and_spoken():
    root = ElementTree.fromstring(bars_svg(["R&D", "$x$"], [1.25, -3], [0, -4], [2, -2], (-4, 2)))
    written = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    assert written == ["R&D", percent(1.25), "$x$", percent(-3)]
    assert root.get("aria-label") == f"Predicted Δ: R&D {percent(1.25)}, $x$ {percent(-3)}"


def test_what_training_gave_is_a_diamond_per_task():
    without = bars_svg(["a", "b"], [1, 2], [0, 1], [2, 3], (0, 3))
    both = bars_svg(["a", "b"], [1, 2], [0, 1], [2, 3], (0, 3), trained=[1.5, 2.5])
    assert without.count("<path") == 0
    assert both.count("<path") == 2
