"""What a figure for a paper is made of, as values that know nothing of how they are drawn."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.charts.paper import LIGHT
from app.charts.svg import N_HUES
from core.layouts import Layout

Array = NDArray[np.float64]

TEXT, MUTED, LINE, PRIMARY = (LIGHT[name] for name in ("text", "muted", "line", "primary"))
DOMINATED, LOW, HIGH = LIGHT["dominated"], LIGHT["low"], LIGHT["high"]
HUES = tuple(LIGHT[f"task-{hue}"] for hue in range(N_HUES))
# Orange is less, blue is more; as the theme's diverging colours.
DIVERGING = ("#8C3A0F", "#CF7A4E", "#E3AB8A", "#F7F4EC", "#A9C3C8", "#6E9CAA", "#0B4F6C")


@dataclass(frozen=True, slots=True)
class Series:
    """Points or a line of a plot.

    Args:
        name: In the legend; empty for none.
        x: Places.
        y: Values; NaN leaves a gap.
        low: Lower ends of the intervals of ``y``; empty where none is known, NaN where one is not.
        high: Upper ends.
        mark: Marker: ``o``, ``D``, ``s``, ``^``, ``v``, ``P``, ``X``, ``*``; empty for none.
        line: ``-``, ``--``, ``:`` or ``-.``; empty for none.
        colour: As ``#RRGGBB``.
        size: Of markers, in points.
        is_open: Whether markers are outlines.
        is_staircase: Whether the line runs level to the next point, and on to the edge behind the last.
        labels: Words beside points; empty for none.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    mark: str = "o"
    line: str = ""
    colour: str = PRIMARY
    size: float = 5.0
    is_open: bool = False
    is_staircase: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """Series on two axes.

    Args:
        series: Drawn in this order.
        x_label: What the horizontal axis says, with its unit.
        y_label: What the vertical axis says, with its unit.
        title: Above the axes.
        is_x_share: Whether ``x`` are shares of one, written as percent.
        is_y_share: Whether ``y`` are.
        x_ticks: Places and words of the horizontal axis; chosen when empty.
        y_ticks: Those of the vertical axis.
        verticals: Places and words of vertical lines.
        horizontals: Heights and words of horizontal lines.
        is_diagonal: Whether a line marks equal ``x`` and ``y``.
        is_y_down: Whether ``y`` grows downwards, as rows of a table do.
        links: Lines between two points: ``(x0, y0, x1, y1)``.
        y_from_zero: Whether the vertical axis begins at 0.
        width: In inches.
        height: In inches.
    """

    series: tuple[Series, ...]
    x_label: str
    y_label: str
    title: str = ""
    is_x_share: bool = False
    is_y_share: bool = False
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    verticals: tuple[tuple[float, str], ...] = ()
    horizontals: tuple[tuple[float, str], ...] = ()
    is_diagonal: bool = False
    is_y_down: bool = False
    links: tuple[tuple[float, float, float, float], ...] = ()
    y_from_zero: bool = False
    width: float = 4.6
    height: float = 3.6


@dataclass(frozen=True, slots=True, eq=False)
class HeatMaps:
    """Tables of numbers as colours, with one colour bar.

    Args:
        values: ``[n_maps, n_rows, n_columns]``; NaN where nothing is known.
        titles: One for each map; empty where there is one map.
        rows: Names of the rows of each map, ``[n_maps][n_rows]``, or once for all.
        columns: Names of the columns likewise.
        label: What the colour bar says, with its unit.
        low: Value of the first colour.
        high: Value of the last one.
        is_diverging: Whether the middle colour means no difference.
        marked: Cells with a stroke, same shape as ``values``; None for none.
        marked_words: What the stroke means.
        digits: Decimals of the numbers in cells that have room for them.
    """

    values: Array = field(repr=False)
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, ...], ...]
    label: str
    low: float = 0.0
    high: float = 1.0
    is_diverging: bool = False
    marked: NDArray[np.bool_] | None = field(default=None, repr=False)
    marked_words: str = ""
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Tree:
    """A layout as a tree: from the input at the left to the tasks at the right, width by cost, colour by task.

    Args:
        layout: The layout.
        tasks: Names in index order.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        cost_words: What the widths mean.
        title: Above it.
        order: Tasks from top to bottom, as far as branches allow without crossing; index order when empty.
        width: In inches.
    """

    layout: Layout
    tasks: tuple[str, ...]
    costs: tuple[float, ...]
    cost_words: str
    title: str = ""
    order: tuple[int, ...] = ()
    width: float = 3.4


@dataclass(frozen=True, slots=True)
class Strip:
    """One scale of a ladder.

    Args:
        name: What is counted.
        ends: Where each block ends, rising; the last is the whole.
        written: What each end says.
    """

    name: str
    ends: tuple[float, ...]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """A backbone with exits, or with a cut, on several scales.

    Args:
        strips: The scales, top to bottom.
        marks: Places, from 0, whose end is marked, with their words.
        title: Above it.
        width: In inches.
    """

    strips: tuple[Strip, ...]
    marks: tuple[tuple[int, str], ...]
    title: str = ""
    width: float = 7.0


Part = Plot | HeatMaps | Tree | Ladder
