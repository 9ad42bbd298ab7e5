"""Tables of numbers as colours: every depth, one colour bar."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import SubFigure

from app.figures.drawing.lettering import SMALL, named, shown, width_of
from app.figures.parts import DIVERGING, HIGH, LINE, LOW, MUTED, TEXT, HeatMaps

# Inches of a cell's side by the number of rows.
_CELLS = ((6, 0.46), (12, 0.34), (20, 0.22), (math.inf, 0.12))
# All cells together, in square inches: 36 million pixels at 300 dpi.
_LARGEST = 400.0
_WIDE, _NUMBERS_FROM, _BAR, _TALLEST_BAR = 7.2, 0.3, 0.85, 2.6
_TITLE, _GAP = 0.22, 0.14  # above and between maps
_DARK_BELOW = 0.55


def size_of_heat_maps(maps: HeatMaps) -> tuple[float, float]:
    """Return width and height in inches."""
    grid = _grid(maps)
    return grid.left + grid.across * grid.wide + _BAR, grid.down * grid.high + grid.below


def draw_heat_maps(place: SubFigure, maps: HeatMaps, room: tuple[float, float]) -> None:
    """Draw all maps, one beside the other as far as there is room.

    Places are computed: laying out sixteen maps of forty tasks by trial takes Matplotlib ten seconds.

    Args:
        place: Where to draw.
        maps: The maps.
        room: Width and height of the place in inches.
    """
    grid = _grid(maps)
    (width, height), wide = room, size_of_heat_maps(maps)[0]
    n_rows, n_columns = maps.values.shape[1:]
    colours = LinearSegmentedColormap.from_list("figure", DIVERGING if maps.is_diverging else (LOW, HIGH))
    norm = Normalize(maps.low, maps.high, clip=True)
    for index, values in enumerate(maps.values):
        row, column = divmod(index, grid.across)
        x, y = grid.left + column * grid.wide, row * grid.high + _TITLE + n_rows * grid.cell
        axes = place.add_axes(
            (x / width, 1 - y / height, n_columns * grid.cell / width, n_rows * grid.cell / height)
        )  # fmt: skip
        axes.imshow(
            values, cmap=colours.with_extremes(bad="#FFFFFF"), norm=norm, interpolation="nearest", aspect="auto"
        )
        is_last = index + grid.across >= len(maps.values)
        is_shared = len(maps.rows) == 1
        _frame(
            axes, maps, index, grid.cell, with_rows=not is_shared or column == 0, with_columns=not is_shared or is_last
        )
        _fill(axes, maps, index, grid.cell, norm)
    tall = min(_TALLEST_BAR, grid.high - _TITLE - _GAP)
    bar = place.colorbar(
        ScalarMappable(norm, colours), extend=_outside(maps), extendfrac=0.06,
        cax=place.add_axes(
            ((wide - _BAR + 0.05) / width, 1 - (_TITLE + tall) / height, 0.11 / width, tall / height)
        ),
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL - 0.5, length=2.5)
    bar.set_label(shown(maps.label, 60), fontsize=SMALL)


def _outside(maps: HeatMaps) -> str:
    """Return at which ends values lie beyond the colours."""
    known = maps.values[~np.isnan(maps.values)]
    below, above = (known < maps.low - 1e-9).any(), (known > maps.high + 1e-9).any()
    return "both" if below and above else "min" if below else "max" if above else "neither"


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where maps stand, in inches.

    Args:
        cell: Side of a cell.
        across: Maps side by side.
        down: Maps one below the other.
        left: Room for names at the left of all.
        below: Room for names below all.
        wide: From one map to the next at its right.
        high: From one map to the next below it.
    """

    cell: float
    across: int
    down: int
    left: float
    below: float
    wide: float
    high: float


def _grid(maps: HeatMaps) -> _Grid:
    n_maps, n_rows, n_columns = maps.values.shape
    usual = next(size for most, size in _CELLS if max(n_rows, n_columns) <= most)
    cell = min(usual, math.sqrt(_LARGEST / (n_maps * n_rows * n_columns)))
    size = _letters(cell)
    rows, columns = ([named(name) for names in group for name in names] for group in (maps.rows, maps.columns))
    left = width_of(rows, size) + 0.12
    under = width_of(columns, size)
    below = (under if under > cell else size / 72) + 0.12
    # Where every map has an order of its own, so has it its names.
    is_shared = len(maps.rows) == 1
    titles = max((width_of([named(title)], SMALL) for title in maps.titles), default=0.0)
    wide = max(n_columns * cell + (0 if is_shared else left), titles) + _GAP
    high = _TITLE + n_rows * cell + (0 if is_shared else below) + _GAP
    fitting = max(1, int((_WIDE - left - _BAR) / wide))
    # Many large maps make a square, which is easier to place than a column.
    across = min(n_maps, max(fitting, math.ceil(math.sqrt(n_maps)) if wide > _WIDE / 3 else 1))
    down = math.ceil(n_maps / across)
    return _Grid(cell, math.ceil(n_maps / down), down, left, below if is_shared else 0.05, wide, high)


def _letters(cell: float) -> float:
    return max(3.5, min(SMALL, 72 * cell * 0.8))


def _frame(axes: Axes, maps: HeatMaps, index: int, cell: float, *, with_rows: bool, with_columns: bool) -> None:
    size = _letters(cell)
    rows, columns = (group[index if len(group) > 1 else 0] for group in (maps.rows, maps.columns))
    names = [named(name) for name in columns]
    # Ticks without names cost as much as those with them.
    axes.set_yticks(range(len(rows)) if with_rows else [], [named(name) for name in rows] if with_rows else [])
    turned = width_of(names, size) > cell
    axes.set_xticks(
        range(len(names)) if with_columns else [], names if with_columns else [], rotation=90 if turned else 0
    )  # fmt: skip
    axes.tick_params(length=0, labelsize=size, labelcolor=TEXT, pad=2)
    axes.spines[:].set_visible(False)
    if maps.titles and maps.titles[index]:
        axes.set_title(named(maps.titles[index]), fontsize=SMALL, loc="left", pad=3)
    if cell >= _CELLS[2][1]:
        axes.set_xticks(np.arange(-0.5, len(columns)), minor=True)
        axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
        axes.grid(which="minor", color="#FFFFFF", linewidth=1.2)
        axes.tick_params(which="minor", length=0)


def _fill(axes: Axes, maps: HeatMaps, index: int, cell: float, norm: Normalize) -> None:
    """Write numbers into cells that have room, cross out holes and underline what is marked."""
    values = maps.values[index]
    crosses, strokes, pens = [], [], []
    places = np.asarray(norm(values))
    for row, column in np.ndindex(*values.shape):
        value = float(values[row, column])
        if math.isnan(value):
            crosses += [[(column - 0.2, row - 0.2), (column + 0.2, row + 0.2)],
                        [(column - 0.2, row + 0.2), (column + 0.2, row - 0.2)]]  # fmt: skip
            continue
        place = float(places[row, column])
        depth = abs(2 * place - 1) if maps.is_diverging else place
        pen = TEXT if depth < (0.75 if maps.is_diverging else _DARK_BELOW) else "#FFFFFF"
        if cell >= _NUMBERS_FROM:
            words = f"{value:+.{maps.digits}f}" if maps.is_diverging else f"{value:.{maps.digits}f}"
            axes.text(column, row, words.replace("-", "−"), ha="center", va="center", color=pen,
                      fontsize=_letters(cell) - (1.0 if cell > 0.4 else 2.2))  # fmt: skip
        if maps.marked is not None and maps.marked[index, row, column]:
            flat = cell >= _NUMBERS_FROM
            strokes.append([(column - 0.34, row + 0.36), (column + 0.34, row + (0.36 if flat else -0.36))])
            pens.append(pen)
    axes.add_collection(LineCollection(crosses, colors=MUTED, linewidths=0.7))
    axes.add_collection(LineCollection(strokes, colors=pens or [LINE], linewidths=0.9, linestyles=(0, (2.2, 1.6))))
