import re

import pytest

from app.charts.plane import Plane, Point, plane_svg, scale_of
from app.report.still_plane import with_line

PLANE = Plane([Point(0.3, 1.0), Point(0.6, 2.0)], [Point(0.9, 0.0)], [], [], "cost", "Δ")


@pytest.mark.parametrize("budget", [0.01, 0.3, 0.6, 0.95, 1.0])
def test_the_line_stands_at_its_cost_and_what_costs_more_is_shaded(budget):
    scale = scale_of(PLANE)
    drawn = with_line(plane_svg(PLANE, scale), scale, budget)
    x = min(max(scale.x(budget), scale.x0), scale.x1)
    assert f'<line x1="{x:.1f}"'.replace(".0", "") in drawn.replace(".0", "")
    (shade,) = re.findall(r'<rect x="([\d.]+)"[^>]*fill="var\(--bw-over\)"', drawn.partition("legend")[0])
    assert float(shade) == pytest.approx(x, abs=0.06)
    # Below the points.
    assert drawn.index("--bw-over") < drawn.index('class="front"')
