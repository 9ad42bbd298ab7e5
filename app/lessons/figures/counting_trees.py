"""Figures of the lesson on counting trees."""

import math

from app.charts import svg
from app.components.cut_game import cut_game_data
from app.components.dial import Stop, dial_data
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.counting_trees import HOURS_PER_YEAR, SIZES, seconds_per_training
from app.ui.formatting import count, exact_count
from core.layouts.counting import count_layouts

_BLOCKS = SIZES[0][1]
_MOST_TASKS = 10
_LABEL = "Number of trees by number of tasks, on a logarithmic scale"
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _LOW = 760.0, 210.0, 20.0, 20.0, 176.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    return {
        "cuts": Interactive("cut_game", cut_game_data([(2, 3), (3, 2), (3, 3)])),
        "growth": Interactive("dial", dial_data("Number of tasks", [_stop(t) for t in range(2, _MOST_TASKS + 1)], 1)),
        "counts": Rows(
            ("tasks", *(f"{n_blocks} blocks" for n_blocks in (2, 5, 10))),
            [(str(t), *(count(count_layouts(t, b)) for b in (2, 5, 10))) for t in (2, 3, 4, 5, 7, 10)],
            "How many sharing trees there are",
        ),
    }


def _stop(n_tasks: int) -> Stop:
    trees = count_layouts(n_tasks, _BLOCKS)
    return Stop(
        name=str(n_tasks),
        title=f"{n_tasks} tasks on {_BLOCKS} blocks: {exact_count(trees)} trees",
        svg=_drawing(n_tasks),
        narrow=_narrow_drawing(n_tasks),
        sentence=f"To train each of them, one after another, would take {_duration(trees * seconds_per_training())}.",
    )


def _duration(seconds: float) -> str:
    """Return a duration in the largest unit of which there are two or more."""
    units = ((HOURS_PER_YEAR * 3600, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"))
    size, name = next(((size, name) for size, name in units if seconds >= 2 * size), (1, "seconds"))
    return f"{count(round(seconds / size))} {name}"


def _drawing(chosen: int) -> str:
    """Return the counts as bars; the scale of height is logarithmic, and says so."""
    tasks = range(2, _MOST_TASKS + 1)
    step = (_WIDTH - _LEFT - _RIGHT) / len(tasks)
    most = math.log10(count_layouts(_MOST_TASKS, _BLOCKS))
    body = svg.tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=_LOW, y2=_LOW, stroke=svg.MUTED)
    for place, n_tasks in enumerate(tasks):
        trees = count_layouts(n_tasks, _BLOCKS)
        tall = math.log10(trees) / most * (_LOW - 34)
        x, on = _LEFT + step * place, n_tasks == chosen
        body += svg.tag(
            "rect", x=x + step * 0.18, y=_LOW - tall, width=step * 0.64, height=tall, rx=3,
            fill=svg.PRIMARY if on else svg.SHARED, opacity="" if on else "0.45",
        )  # fmt: skip
        middle = x + step / 2
        body += svg.text(
            middle, _LOW - tall - 7, count(trees), anchor="middle", size=12.5, font_weight=700 if on else "",
            fill=svg.TEXT if on else svg.MUTED,
        )  # fmt: skip
        body += svg.text(middle, _LOW + 18, f"{n_tasks} tasks", anchor="middle", size=12.5, fill=svg.MUTED)
    body += svg.text(_LEFT, 14, "height: number of digits (logarithmic scale)", fill=svg.MUTED, size=12.5)
    return svg.canvas(_WIDTH, _HEIGHT, body, _LABEL)


def _narrow_drawing(chosen: int) -> str:
    """Return the same for a phone: bars that lie, so that their counts stand beside them."""
    most, row = math.log10(count_layouts(_MOST_TASKS, _BLOCKS)), 24.0
    left, right = 62.0, svg.NARROW - 112
    body = svg.text(0, 12, "length: number of digits (logarithmic scale)", fill=svg.MUTED, size=12.5)
    for place, n_tasks in enumerate(range(2, _MOST_TASKS + 1)):
        trees, y, on = count_layouts(n_tasks, _BLOCKS), 24 + row * place, n_tasks == chosen
        wide = math.log10(trees) / most * (right - left)
        body += svg.text(left - 8, y + 14, f"{n_tasks} tasks", anchor="end", size=12.5, fill=svg.MUTED)
        body += svg.tag(
            "rect", x=left, y=y, width=wide, height=row - 6, rx=3, fill=svg.PRIMARY if on else svg.SHARED,
            opacity="" if on else "0.45",
        )  # fmt: skip
        body += svg.text(
            left + wide + 6, y + 14, count(trees), size=12.5, font_weight=700 if on else "",
            fill=svg.TEXT if on else svg.MUTED,
        )  # fmt: skip
    return svg.canvas(svg.NARROW, 28 + row * (_MOST_TASKS - 1), body, _LABEL)
