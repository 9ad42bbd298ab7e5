"""Per-task Δ as bars with intervals around zero."""

from collections.abc import Sequence

from app.charts import svg
from app.ui.formatting import percent


def bars_svg(
    tasks: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    domain: tuple[float, float],
    *,
    trained: Sequence[float] | None = None,
    width: int = 400,
) -> str:
    """Give one bar per task.

    Args:
        tasks: Names, in index order.
        values: Predicted Δ, ``[n_tasks]``, percent.
        low: Lower end of each interval.
        high: Upper end of each interval.
        domain: Smallest and largest Δ of any bar, shared by drawings that are compared.
        trained: Δ after training, drawn as a diamond, or None.
        width: Width of the drawing in its own units.
    """
    row = 32.0 if len(tasks) <= 4 else 26.0 if len(tasks) <= 8 else 17.0
    size = 13 if len(tasks) <= 8 else 10
    left = 14 + min(18, max(map(len, tasks))) * size * 0.58
    right = width - 62.0
    first, last = min(domain[0], 0.0), max(domain[1], 0.0)
    span = max(last - first, 1e-9)

    def x(value: float) -> float:
        return left + (min(max(value, first), last) - first) / span * (right - left)

    body = svg.tag("line", x1=x(0), x2=x(0), y1=2, y2=row * len(tasks) + 2, stroke=svg.MUTED)
    for task, name in enumerate(tasks):
        y = row * task + row / 2 + 2
        colour, value = svg.task_colour(task), values[task]
        body += svg.text(2, y + size * 0.36, svg.shortened(name, 18), size=size)
        body += svg.tag(
            "rect",
            x=min(x(0), x(value)),
            y=y - row * 0.28,
            width=max(abs(x(value) - x(0)), 0.8),
            height=row * 0.56,
            rx=2,
            fill=colour,
        )
        body += svg.tag("line", x1=x(low[task]), x2=x(high[task]), y1=y, y2=y, stroke=svg.TEXT, stroke_width=1.4)
        if trained is not None:
            at = x(trained[task])
            body += svg.tag(
                "path",
                d=svg.path([(at, y - 6), (at + 5, y), (at, y + 6), (at - 5, y)]) + "Z",
                fill="var(--bw-card)",
                stroke=svg.TEXT,
                stroke_width=1.4,
            )
        body += svg.text(width - 2, y + size * 0.36, percent(value), anchor="end", size=size, font_weight=600)
    spoken = "Predicted Δ: " + ", ".join(f"{name} {percent(value)}" for name, value in zip(tasks, values, strict=True))
    return svg.canvas(width, row * len(tasks) + 6, body, spoken)
