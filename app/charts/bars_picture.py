"""Δ of each task as bars in an SVG text, for files: what ``components/browser/drawings/bars.js`` draws on pages."""

from collections.abc import Sequence

from app.charts import svg
from app.ui.formatting import percent
from core.estimators.resampling import LayoutInterval

_LONGEST_NAME = 18


def bars_picture(
    tasks: Sequence[str], known: LayoutInterval, trained: LayoutInterval | None = None, *, width: float = 400.0
) -> str:
    """Return one bar per task with its interval around zero as an SVG text, on a scale of its own.

    Args:
        tasks: Names, in index order.
        known: Δ of a layout and its intervals; without intervals no line is drawn.
        trained: Its measured Δ, drawn as diamonds, or None.
        width: Width of the drawing in its own units.
    """
    n_tasks = len(tasks)
    row = 32.0 if n_tasks <= 4 else 26.0 if n_tasks <= 8 else 17.0
    size = 13.0 if n_tasks <= 8 else 12.0
    left = 14 + min(_LONGEST_NAME, max(len(name) for name in tasks)) * size * 0.62
    # The numbers are bold, and beside the longest interval there is room for a diamond.
    right = width - 10 - max(len(percent(float(value))) for value in known.estimates) * size * 0.6
    shown = [*known.low, *known.high, *(trained.estimates if trained else ())]
    low, high = min(0.0, *map(float, shown)), max(0.0, *map(float, shown))

    def x(value: float) -> float:
        return left + (value - low) / max(high - low, 1e-9) * (right - left)

    body = svg.tag("line", x1=x(0), x2=x(0), y1=2, y2=row * n_tasks + 2, stroke=svg.MUTED)
    for task, name in enumerate(tasks):
        y, value = row * task + row / 2 + 2, float(known.estimates[task])
        base = y + size * 0.36
        body += svg.text(2, base, svg.shortened(name, _LONGEST_NAME), size=size)
        body += svg.tag(
            "rect", x=min(x(0), x(value)), y=y - row * 0.28, width=max(abs(x(value) - x(0)), 0.8), height=row * 0.56,
            rx=2, fill=svg.task_colour(task),
        )  # fmt: skip
        if known.has_interval:
            ends = x(float(known.low[task])), x(float(known.high[task]))
            body += svg.tag("line", x1=ends[0], x2=ends[1], y1=y, y2=y, stroke=svg.TEXT, stroke_width="1.4")
        if trained is not None:
            at = x(float(trained.estimates[task]))
            corners = svg.path([(at, y - 6), (at + 5, y), (at, y + 6), (at - 5, y)])
            body += svg.tag("path", d=f"{corners}Z", fill="var(--bw-card)", stroke=svg.TEXT, stroke_width="1.4")
        body += svg.text(width - 2, base, percent(value), anchor="end", size=size, font_weight=600)
    written = ", ".join(f"{name} {percent(float(value))}" for name, value in zip(tasks, known.estimates, strict=True))
    return svg.canvas(width, row * n_tasks + 6, body, f"Δ: {written}")
