"""A layout as a tree.

It shares with ``app/charts/tree_picture.py`` where tasks lie and no more: that writes SVG in colours which the reader's
scheme fills in, this draws on Matplotlib's axes, from which SVG, PDF and PNG are made.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from app.charts.tree_picture import task_places
from app.figures.drawing.lettering import SMALL, lines, named, width_of
from app.figures.parts import HUES, MUTED, TEXT, Tree

_LANES = ((4, 0.5), (8, 0.34), (16, 0.24), (40, 0.17))
# Thinner stripes can't be told apart.
_MOST_STRIPES = 8
_DASHES = (
    "-",
    (0, (4, 2)),
    (0, (1, 1.5)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (2, 3)),
    (0, (8, 2)),
    (0, (3, 5)),
    (0, (6, 2, 2, 2)),
)


def size_of_tree(tree: Tree) -> tuple[float, float]:
    """Return width and height in inches."""
    return tree.width, _lane(tree) * len(tree.tasks) + 0.75 + 0.2 * len(_title(tree))


def draw_tree(place: SubFigure, tree: Tree, size: tuple[float, float]) -> None:
    """Draw a tree."""
    axes = place.subplots()
    n_tasks, n_blocks = len(tree.tasks), tree.layout.n_blocks
    names = [named(name) for name in tree.tasks]
    right = min(0.5, (width_of(names, SMALL) + 0.1) / size[0])
    room = n_blocks / (1 - right)
    axes.set_xlim(-0.1, room)
    axes.set_ylim(n_tasks - 0.4, -0.6)
    axes.set_yticks([])
    step = max(1, round(n_blocks / 12))
    ticks = range(0, n_blocks, step)
    axes.set_xticks([block + 0.5 for block in ticks], [str(block + 1) for block in ticks])
    axes.tick_params(length=0, labelsize=SMALL - 0.5)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(f"block, from the input; {tree.cost_words}", fontsize=SMALL - 0.5, color=MUTED, loc="left")
    if title := _title(tree):
        axes.set_title("\n".join(title), fontsize=SMALL + 1, loc="left")
    rows = task_places(tree.layout, tree.order)
    _draw_blocks(axes, tree, rows)
    for task, row in rows.items():
        axes.text(n_blocks + 0.012 * room, row, names[task], va="center", fontsize=SMALL, color=TEXT)


def _draw_blocks(axes: Axes, tree: Tree, rows: dict[int, int]) -> None:
    layout, widest = tree.layout, max(tree.costs) or 1.0
    # Of a lane.
    thick = [0.1 + 0.38 * cost / widest for cost in tree.costs]
    points = 72 * _lane(tree)
    before: dict[int, float] = {}
    for block, partition in enumerate(layout.partitions):
        after: dict[int, float] = {}
        for group in partition:
            members = sorted(group, key=lambda task: rows[task])
            middle = float(np.mean([rows[task] for task in members]))
            start = before.get(members[0], middle)
            stripes = [[task] for task in members] if len(members) <= _MOST_STRIPES else [members]
            each = thick[block] / len(stripes)
            for place, stripe in enumerate(stripes):
                shift = (place - (len(stripes) - 1) / 2) * each
                path = Path(
                    [(block, start + shift), (block + 0.4, start + shift), (block + 0.3, middle + shift),
                     (block + 0.7, middle + shift), (block + 0.98, middle + shift)],
                    [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO],
                )  # fmt: skip
                one = len(stripe) == 1
                colour = HUES[stripe[0] % len(HUES)] if one else MUTED
                dash = _DASHES[(stripe[0] // len(HUES)) % len(_DASHES)] if one else "-"
                axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=points * each, linestyle=dash,
                                         capstyle="butt"))  # fmt: skip
            after |= dict.fromkeys(members, middle)
        before = after


def _lane(tree: Tree) -> float:
    return next(height for most, height in _LANES if len(tree.tasks) <= most)


def _title(tree: Tree) -> list[str]:
    return lines(tree.title, 0.95 * tree.width, SMALL + 1)
