"""A layout as a tree in an SVG text, for files: the same picture as ``components/browser/drawings/tree.js`` draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.charts import svg
from core.layouts import Group, Layout

# Thinner stripes can't be told apart.
_STRIPES_UP_TO = 8
_LONGEST_NAME = 18
# Width of a bold letter for its size: a file is read in whatever font is there, and DejaVu is a wide one.
_LETTER = 0.7
_LEAST_LANE, _LARGE_LANE = 13.0, 58.0
_TOP, _LEFT, _AXIS = 8.0, 8.0, 30.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a tree's parts lie.

    Args:
        layout: What is drawn.
        places: Place of each task from top to bottom.
        lane: Height of one task's lane.
        step: Width of a block.
        right: Where the last block ends.
        thickness: Of each block, by its cost.
        size: Of letters.
    """

    layout: Layout
    places: Mapping[int, int]
    lane: float
    step: float
    right: float
    thickness: Sequence[float]
    size: float

    def y(self, group: Group) -> float:
        """Return the height at which a group runs: the middle of its lanes."""
        return _TOP + self.lane * (sum(self.places[task] for task in group) / len(group) + 0.5)

    def above(self, group: Group, block: int) -> Group:
        """Return the group on the block before, of which a group is a part."""
        return next(each for each in self.layout.partitions[block - 1] if group[0] in each)


def tree_picture(
    layout: Layout, tasks: Sequence[str], costs: Sequence[float], *, width: float = 400.0, label: str = ""
) -> str:
    """Return the drawing of a layout as an SVG text, in colours that a page or ``on_paper`` fills in.

    Args:
        layout: The layout.
        tasks: Names, in index order.
        costs: Cost of one copy of each block, ``[n_blocks]``; decides the widths.
        width: Width of the drawing in its own units.
        label: Spoken description.
    """
    n_tasks = len(tasks)
    lane = _LARGE_LANE if n_tasks <= 4 else 34.0 if n_tasks <= 6 else max(_LEAST_LANE, 240 / n_tasks)
    size = 13.5 if lane >= 16 else 12.0
    letters = min(_LONGEST_NAME, max(len(name) for name in tasks))
    right, widest = width - 14 - letters * size * _LETTER, max(costs) or 1.0
    frame = _Frame(
        layout,
        task_places(layout),
        lane,
        (right - _LEFT) / layout.n_blocks,
        right,
        [3 + (min(lane, 30) * 0.72 - 3) * (cost / widest) for cost in costs],
        size,
    )
    height = _TOP + lane * n_tasks + _AXIS
    body = "".join(_copy(frame, block, group) for block in range(layout.n_blocks) for group in layout.partitions[block])
    names = "".join(
        svg.text(
            right + 10, frame.y((task,)) + size * 0.36, svg.shortened(name, letters), fill=svg.task_colour(task),
            size=size, font_weight=600,
        )
        for task, name in enumerate(tasks)
    )  # fmt: skip
    return svg.canvas(width, height, body + names + _axis(frame, height), label or str(layout))


def task_places(layout: Layout, order: Sequence[int] = ()) -> dict[int, int]:
    """Return the place of each task from top to bottom, such that the branches of a tree never cross.

    Args:
        layout: The layout.
        order: Of the tasks where the branches leave a choice; by index where it is empty.

    >>> task_places(Layout.parse("0,1,2 | 0,2;1"))
    {0: 0, 2: 1, 1: 2}
    >>> task_places(Layout.parse("0,1,2 | 0,2;1"), (1, 2, 0))
    {1: 0, 2: 1, 0: 2}
    """
    rank = {task: place for place, task in enumerate(order or range(layout.n_tasks))}
    firsts = [{task: min(map(rank.__getitem__, group)) for group in groups for task in group}
              for groups in layout.partitions]  # fmt: skip
    found = sorted(rank, key=lambda task: (*(first[task] for first in firsts), rank[task]))
    return {task: place for place, task in enumerate(found)}


def _copy(frame: _Frame, block: int, group: Group) -> str:
    """Return one copy of one block, as parallel stripes of its tasks' colours."""
    x, end = _LEFT + frame.step * block, frame.y(group)
    start = frame.y(frame.above(group, block)) if block else end
    thick = frame.thickness[block]
    stripes = sorted(group, key=frame.places.__getitem__) if len(group) <= _STRIPES_UP_TO else [None]
    each = thick / len(stripes)
    body = ""
    for place, task in enumerate(stripes):
        shift = (place - (len(stripes) - 1) / 2) * each
        body += svg.tag(
            "path", d=_curve(x, frame.step, start + shift, end + shift), fill="none", stroke_width=f"{each + 0.3:.1f}",
            stroke=svg.SHARED if task is None else svg.task_colour(task),
            stroke_dasharray="" if task is None else svg.task_dash(task),
        )  # fmt: skip
    edge = x + frame.step
    return body + svg.tag(
        "line", x1=edge, x2=edge, y1=end - thick / 2, y2=end + thick / 2, stroke="var(--bw-card)", stroke_width=2
    )


def _curve(x: float, step: float, start: float, end: float) -> str:
    if abs(start - end) < 0.05:
        return svg.path([(x, start), (x + step, start)])
    bend = x + step * 0.42
    middle = (x + bend) / 2
    return (
        f"M{x:.1f},{start:.1f}C{middle:.1f},{start:.1f} {middle:.1f},{end:.1f} {bend:.1f},{end:.1f}"
        f"L{x + step:.1f},{end:.1f}"
    )


def _axis(frame: _Frame, height: float) -> str:
    """Return block numbers, counted from 1 as on every screen."""
    every = 1 if frame.step >= 20 else 2 if frame.step >= 11 else 5
    body = svg.text(frame.right + 10, height - 8, "block", fill=svg.MUTED, size=12)
    for block in range(0, frame.layout.n_blocks, every):
        middle = _LEFT + frame.step * (block + 0.5)
        body += svg.text(middle, height - 8, str(block + 1), anchor="middle", fill=svg.MUTED, size=12)
    return body
