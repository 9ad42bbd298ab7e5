"""A layout drawn as a tree: width by cost, colour by task."""

from collections.abc import Collection, Sequence

from app.charts import svg
from app.ui.formatting import group_words
from core.layouts import Group, Layout

_STRIPES_UP_TO = 8  # thinner stripes can't be told apart


def tree_svg(
    layout: Layout,
    tasks: Sequence[str],
    costs: Sequence[float],
    *,
    width: int = 400,
    lane: float | None = None,
    marked: Collection[int] = (),
    selectable: bool = False,
    label: str = "",
    hues: Sequence[int] | None = None,
) -> str:
    """Give the drawing of a layout.

    Args:
        layout: The layout.
        tasks: Names, in index order.
        costs: Cost of one copy of each block, ``[n_blocks]``; decides the widths.
        width: Width of the drawing in its own units.
        lane: Height of one task's lane; chosen by the number of tasks when None.
        marked: Blocks to underline, such as those that differ from another layout.
        selectable: Make every block copy a target with ``data-block`` and ``data-group``.
        label: Spoken description.
        hues: Which colour each task has, where these tasks are only some of a study's.
    """
    drawing = _Drawing(layout, tasks, costs, width, lane or _lane(len(tasks)), hues or range(len(tasks)))
    body = "".join(
        drawing.group(block, group, selectable)
        for block, partition in enumerate(layout.partitions)
        for group in partition
    )
    return svg.canvas(
        width,
        drawing.height,
        body + drawing.leaves() + drawing.axis(marked),
        label or str(layout),
        role="group" if selectable else "img",
    )


class _Drawing:
    """Coordinates of one tree."""

    def __init__(
        self,
        layout: Layout,
        tasks: Sequence[str],
        costs: Sequence[float],
        width: int,
        lane: float,
        hues: Sequence[int],
    ) -> None:
        self.layout, self.tasks, self.lane, self.hues = layout, tasks, lane, hues
        firsts = [{task: group[0] for group in partition for task in group} for partition in layout.partitions]
        self.order = sorted(range(layout.n_tasks), key=lambda task: [first[task] for first in firsts])
        self.places = {task: place for place, task in enumerate(self.order)}
        self.size = 13.5 if lane >= 16 else 10.0
        characters = min(18, max(map(len, tasks)))
        self.right = width - 14 - characters * self.size * 0.61
        self.step = (self.right - 8) / layout.n_blocks
        self.top = 8.0
        self.height = self.top + lane * layout.n_tasks + 30
        widest = max(costs) or 1.0
        self.thickness = [3.0 + (min(lane, 30.0) * 0.72 - 3.0) * cost / widest for cost in costs]
        self.characters = characters

    def y(self, group: Group) -> float:
        """Give the height at which a group runs: the middle of its lanes."""
        return self.top + self.lane * (sum(self.places[task] for task in group) / len(group) + 0.5)

    def group(self, block: int, group: Group, selectable: bool) -> str:
        """Give one copy of one block, as parallel stripes of its tasks' colours."""
        x = 8 + self.step * block
        start = self.y(self.layout.group_of(group[0], block - 1)) if block else self.y(group)
        end, thick = self.y(group), self.thickness[block]
        striped = len(group) <= _STRIPES_UP_TO
        stripes = sorted(group, key=self.places.__getitem__) if striped else [None]
        each = thick / len(stripes)
        drawn = ""
        for place, task in enumerate(stripes):
            shift = (place - (len(stripes) - 1) / 2) * each
            drawn += svg.tag(
                "path",
                d=self._curve(x, start + shift, end + shift),
                stroke=svg.SHARED if task is None else svg.task_colour(self.hues[task]),
                stroke_width=each + 0.3,
                stroke_dasharray="" if task is None else svg.task_dash(self.hues[task]),
                fill="none",
            )
        drawn += svg.tag(
            "line",
            x1=x + self.step,
            y1=end - thick / 2,
            x2=x + self.step,
            y2=end + thick / 2,
            stroke="var(--bw-card)",
            stroke_width=2,
        )
        if not selectable:
            return svg.tag("g", drawn)
        words = f"Block {block + 1} of {group_words(group, self.tasks)}"
        target = svg.tag(
            "rect",
            x=x,
            y=end - max(thick, 16) / 2 - 3,
            width=self.step,
            height=max(thick, 16) + 6,
            rx=5,
            fill="transparent",
            class_="target",
        )
        return svg.tag(
            "g",
            drawn + target,
            class_="block",
            data_block=block,
            data_group=",".join(map(str, group)),
            tabindex=0,
            role="button",
            aria_label=words,
        )

    def _curve(self, x: float, start: float, end: float) -> str:
        bend = x + self.step * 0.42
        if abs(start - end) < 0.05:
            return svg.path([(x, start), (x + self.step, start)])
        middle = (x + bend) / 2
        return (
            f"M{x:.1f},{start:.1f}C{middle:.1f},{start:.1f} {middle:.1f},{end:.1f} {bend:.1f},{end:.1f}"
            f"L{x + self.step:.1f},{end:.1f}"
        )

    def leaves(self) -> str:
        """Give the task names at the right."""
        return "".join(
            svg.text(
                self.right + 10,
                self.y((task,)) + self.size * 0.36,
                svg.shortened(name, self.characters),
                fill=svg.task_colour(self.hues[task]),
                size=self.size,
                font_weight=600,
            )
            for task, name in enumerate(self.tasks)
        )

    def axis(self, marked: Collection[int]) -> str:
        """Give the block numbers below, counted from 1 as on every screen."""
        every = 1 if self.step >= 20 else 2 if self.step >= 11 else 5
        y = self.height - 8
        out = ""
        for block in range(self.layout.n_blocks):
            middle = 8 + self.step * (block + 0.5)
            if block % every == 0:
                out += svg.text(middle, y, str(block + 1), anchor="middle", fill=svg.MUTED, size=11)
            if block in marked:
                out += svg.tag("rect", x=middle - 7, y=y + 3, width=14, height=3, rx=1.5, fill=svg.PRIMARY)
        return out + svg.text(self.right + 10, y, "block", fill=svg.MUTED, size=11)


def _lane(n_tasks: int) -> float:
    if n_tasks <= 4:
        return 58.0
    return 34.0 if n_tasks <= 6 else max(13.0, 240.0 / n_tasks)
