"""A layout as a small picture without words, to tell trees of a row apart."""

from app.charts import svg
from core.layouts import Group, Layout

_COLOURED_UP_TO = 12


def small_tree_svg(layout: Layout, *, width: float = 104.0, height: float = 58.0) -> str:
    """Give the drawing: a line for each group of each block, as thick as it has tasks, task colours at the end.

    Args:
        layout: The layout.
        width: Width of the drawing in its own units.
        height: Its height.
    """
    firsts = [{task: group[0] for group in partition for task in group} for partition in layout.partitions]
    order = sorted(range(layout.n_tasks), key=lambda task: [first[task] for first in firsts])
    places = {task: place for place, task in enumerate(order)}
    lane, step = (height - 8) / layout.n_tasks, (width - 14) / layout.n_blocks

    def y(group: Group) -> float:
        return 4 + lane * (sum(places[task] for task in group) / len(group) + 0.5)

    body = ""
    for block, partition in enumerate(layout.partitions):
        x = 3 + step * block
        for group in partition:
            start = y(layout.group_of(group[0], block - 1)) if block else y(group)
            end = y(group)
            thick = max(min(1.3 + 0.9 * (len(group) - 1), lane * len(group) * 0.8), 0.8)
            points = [(x, start), (x + step * 0.5, end), (x + step, end)]
            body += svg.tag(
                "path", d=svg.path(points), stroke=svg.SHARED, stroke_width=f"{thick:.2f}", fill="none",
                stroke_linejoin="round",
            )  # fmt: skip
    if layout.n_tasks <= _COLOURED_UP_TO:
        body += "".join(
            svg.tag("circle", cx=width - 6, cy=y((task,)), r=min(3.2, lane * 0.42), fill=svg.task_colour(task))
            for task in order
        )
    return svg.tag(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        aria_hidden="true",
    )
