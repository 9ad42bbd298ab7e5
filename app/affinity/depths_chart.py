"""A value at every depth as a line."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from app.charts import svg

# Numbers stay readable where a line runs through them.
_HALO: dict[str, Any] = {"paint_order": "stroke", "stroke": "var(--bw-card)", "stroke_width": 4}


def depths_svg(
    values: Sequence[float | None],
    *,
    label: str,
    low: Sequence[float | None] = (),
    high: Sequence[float | None] = (),
    domain: tuple[float, float] = (-1.0, 1.0),
    chosen: int | None = None,
    width: int = 460,
    height: int = 190,
) -> str:
    """Give a value per depth as a line with its interval; depths without one leave a gap.

    Args:
        values: One for each depth.
        label: Spoken description.
        low: Lower ends of intervals, or empty.
        high: Upper ends.
        domain: Lowest and highest value of the axis.
        chosen: Depth to mark.
        width: Width of the drawing in its own units.
        height: Its height.
    """
    left, right, top, bottom = 34.0, width - 12.0, 14.0, height - 40.0
    n = len(values)

    def x(depth: int) -> float:
        return (left + right) / 2 if n == 1 else left + (right - left) * (depth + 0.3) / (n - 0.4)

    def y(value: float) -> float:
        return bottom - (value - domain[0]) / (domain[1] - domain[0]) * (bottom - top)

    body = "".join(
        svg.tag("line", x1=left, x2=right, y1=y(tick), y2=y(tick), stroke=svg.LINE)
        + svg.text(left - 6, y(tick) + 4, f"{tick:g}".replace("-", "−"), anchor="end", fill=svg.MUTED, size=12)
        for tick in svg.ticks(*domain, 4)
    )
    every = 1 if n <= 20 else 5
    for depth in range(n):
        if depth % every == 0 or depth == chosen:
            body += svg.text(
                x(depth),
                bottom + 18,
                str(depth + 1),
                anchor="middle",
                size=12,
                font_weight=700 if depth == chosen else "",
            )
    body += svg.text((left + right) / 2, height - 4, "after block", anchor="middle", fill=svg.MUTED, size=12)
    known = [(depth, value) for depth, value in enumerate(values) if value is not None]
    for (a, first), (b, second) in pairwise(known):
        if b == a + 1:
            body += svg.tag("line", x1=x(a), y1=y(first), x2=x(b), y2=y(second), stroke=svg.PRIMARY, stroke_width=2)
    for depth, value in known:
        ends = (low[depth] if low else None, high[depth] if high else None)
        if ends[0] is not None and ends[1] is not None:
            body += svg.tag("line", x1=x(depth), x2=x(depth), y1=y(ends[0]), y2=y(ends[1]), stroke=svg.TEXT)
        body += svg.tag("circle", cx=x(depth), cy=y(value), r=5 if depth == chosen else 3.5, fill=svg.PRIMARY)
        above = y(value) - 9 if y(value) > top + 16 else y(value) + 18
        if n <= 10:
            body += svg.text(x(depth) + 7, above, f"{value:.2f}".replace("-", "−"), size=12, **_HALO)
    return svg.canvas(width, height, body, label)
