"""The plane of cost and gain with its budget line drawn in, where nothing can be dragged."""

import re

from app.charts import svg
from app.charts.plane import Scale
from app.ui.formatting import budget_share

_END = "</svg>"
_SHADE = re.compile(r'<rect class="over"[^>]*/>')
# Of the drawing; right of it the words stand on the other side of the line.
_ROOM = 0.8


def with_line(plane: str, scale: Scale, budget: float) -> str:
    """Return the drawing of a plane with its budget line, what is over the budget shaded.

    Args:
        plane: What ``plane_svg`` returns.
        scale: Its scale.
        budget: As a fraction of single-task networks; where it is below what is drawn, all is shaded.
    """
    x = min(max(scale.x(budget), scale.x0), scale.x1)
    height = scale.bottom - scale.top
    shade = svg.tag("rect", x=x, y=scale.top, width=max(scale.x1 - x, 0.1), height=height, fill="var(--bw-over)")
    line = svg.tag("line", x1=x, x2=x, y1=scale.top, y2=scale.bottom, stroke=svg.TEXT, stroke_width=2)
    is_right = x > scale.x0 + _ROOM * (scale.x1 - scale.x0)
    words = svg.text(
        x + (-7 if is_right else 7), scale.bottom - 8, f"budget {budget_share(budget)}",
        anchor="end" if is_right else "start", size=12.5, font_weight=600,
    )  # fmt: skip
    # What is drawn later lies above: the shade stays below the points.
    return _SHADE.sub(lambda _: shade, plane, count=1).removesuffix(_END) + line + words + _END
