"""Tables of numbers as colours, one map beside the other, in an SVG text for files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.charts import svg
from app.ui.formatting import minus

# Colours of numbers are pale, so that dark ink can be read on them in both schemes.
_INK = "#0F171A"
_NONE, _MOST = (247, 244, 236), (147, 193, 230)
_LEAST = (240, 174, 128)  # where the middle says no difference
_CELL, _TITLE, _GAP, _LETTER, _LONGEST = 40.0, 24.0, 22.0, 6.6, 14
_WIDTH = 660.0


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """One map.

    Args:
        title: Above it.
        values: ``[n_rows, n_columns]``; NaN where nothing is measured.
    """

    title: str
    values: NDArray[np.float64]


def heat_maps_picture(
    maps: Sequence[HeatMap], names: Sequence[str], *, digits: int, is_diverging: bool, label: str, most: float
) -> str:
    """Return maps of tasks × tasks as a drawing; a cell has its number, a cross where nothing is measured.

    Numbers with a sign have none on the diagonal: a task beside itself neither gains nor loses.

    Args:
        maps: From left to right, as many beside each other as there is room for.
        names: Of rows and columns alike.
        digits: Decimals.
        is_diverging: Whether numbers have a sign: blue above 0, orange below.
        label: Spoken description.
        most: Size of the number with the fullest colour.
    """
    short = [svg.shortened(name, _LONGEST) for name in names]
    left = 8 + _LETTER * max(map(len, short))
    side = _CELL * len(names)
    wide = side + _GAP
    fitting = max(1, min(len(maps), int((_WIDTH - left + _GAP) // wide)))
    across = math.ceil(len(maps) / math.ceil(len(maps) / fitting))
    under = 10 + _LETTER * max(map(len, short)) * math.sin(math.radians(45))
    high = _TITLE + side + under + 12
    body = ""
    for place, each in enumerate(maps):
        row, column = divmod(place, across)
        x, y = left + wide * column, high * row + _TITLE
        body += svg.text(x, y - 8, each.title, size=12.5, font_weight=600)
        if not column:
            for task, name in enumerate(short):
                body += svg.text(left - 6, y + _CELL * (task + 0.5) + 4, name, anchor="end", fill=svg.MUTED, size=12)
        for task, name in enumerate(short):
            foot_x, foot_y = x + _CELL * (task + 0.5) + 4, y + side + 14
            body += svg.text(
                foot_x, foot_y, name, anchor="end", fill=svg.MUTED, size=12,
                transform=f"rotate(-45 {foot_x:.1f} {foot_y:.1f})",
            )  # fmt: skip
        body += _cells(each.values, x, y, digits, is_diverging=is_diverging, most=most)
    width = max(left + wide * across - _GAP + 4, 200.0)
    return svg.canvas(width, high * math.ceil(len(maps) / across), body, label)


def _cells(values: NDArray[np.float64], x: float, y: float, digits: int, *, is_diverging: bool, most: float) -> str:
    body = ""
    for row, column in np.ndindex(*values.shape):
        value = float(values[row, column])
        if is_diverging and row == column:
            continue
        left, top = x + _CELL * column, y + _CELL * row
        if math.isnan(value):
            body += svg.text(left + _CELL / 2, top + _CELL / 2 + 4, "×", anchor="middle", fill=svg.MUTED, size=12)
            continue
        body += svg.tag(
            "rect", x=left + 1, y=top + 1, width=_CELL - 2, height=_CELL - 2, fill=cell_colour(value / most)
        )
        words = minus(f"{value:+.{digits}f}" if is_diverging else f"{value:.{digits}f}")
        body += svg.text(left + _CELL / 2, top + _CELL / 2 + 4, words, anchor="middle", fill=_INK, size=11.5)
    return body


def cell_colour(part: float) -> str:
    """Return the colour of a number as a fraction of the largest: blue above 0, orange below, pale at 0.

    >>> cell_colour(0.0), cell_colour(1.0), cell_colour(-2.0)
    ('#f7f4ec', '#93c1e6', '#f0ae80')
    """
    end, full = (_MOST, min(part, 1.0)) if part >= 0 else (_LEAST, min(-part, 1.0))
    mixed = (round(none + full * (whole - none)) for none, whole in zip(_NONE, end, strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)
