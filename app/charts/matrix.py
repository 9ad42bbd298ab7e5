"""A small matrix with its numbers written, as SVG: more colour for larger values, another one for negative ones."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from app.charts import svg

_NAME, _CELL_HIGH, _TOP = 128.0, 42.0, 34.0
# On a phone, with smaller letters.
_NARROW_NAME, _NARROW = 92.0, 400.0
# Pixels of a letter of a column's name.
_LETTER = 6.6
_TIGHT = 36.0
_WIDEST_CELL = 108.0


def matrix_svg(
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    written: Sequence[Sequence[str]],
    label: str,
    *,
    domain: tuple[float, float],
    marked: Collection[tuple[int, int]] = (),
    width: float = 760.0,
    height: float | None = None,
) -> str:
    """Return the drawing of a matrix.

    Args:
        values: ``[n_rows, n_columns]``.
        rows: Their names.
        columns: Their names.
        written: The number in each cell as people read it.
        label: Spoken description.
        domain: Values of the palest and of the fullest colour; where the first is 0, negative values have a colour of
            their own, as full as a positive one of their size.
        marked: Cells with a frame, as (row, column).
        width: Of the drawing in its own units.
        height: Of the drawing, where several should have one size; as high as it needs otherwise.
    """
    is_narrow = width < _NARROW
    name_wide = _NARROW_NAME if is_narrow else _NAME
    wide = min(_WIDEST_CELL, (width - name_wide) / len(columns))
    low, high = domain
    body = ""
    for place, name in enumerate(columns):
        short, middle = svg.shortened(name, min(13, int(wide / _LETTER))), name_wide + wide * (place + 0.5)
        body += svg.text(middle, _TOP - 10, short, anchor="middle", fill=svg.MUTED, size=13)
    for i, name in enumerate(rows):
        y = _TOP + _CELL_HIGH * i
        size, most = (13, 12) if is_narrow else (14, 15)
        body += svg.text(name_wide - 10, y + _CELL_HIGH / 2 + 5, svg.shortened(name, most), anchor="end", size=size)
        for j in range(len(columns)):
            x = name_wide + wide * j
            if np.isnan(values[i, j]):
                continue
            is_negative = low == 0 and values[i, j] < 0
            value = abs(values[i, j]) if is_negative else values[i, j]
            full = float(np.clip((value - low) / (high - low), 0, 1))
            colour = svg.task_colour(0) if is_negative else svg.PRIMARY
            box = {"x": x + 1, "y": y + 1, "width": wide - 2, "height": _CELL_HIGH - 2, "rx": 4}
            body += svg.tag("rect", **box, fill="var(--bw-over)")
            body += svg.tag("rect", **box, fill=colour, opacity=f"{0.05 + 0.5 * full:.2f}")
            if (i, j) in marked:
                body += svg.tag("rect", **box, fill="none", stroke=svg.TEXT, stroke_width=2)
            # ".048" where "0.048" finds no room.
            words = written[i][j].removeprefix("0") if wide < _TIGHT else written[i][j]
            body += svg.text(
                x + wide / 2, y + _CELL_HIGH / 2 + 5, words, anchor="middle", size=13 if is_narrow else 15,
                font_weight=700 if (i, j) in marked else "",
            )  # fmt: skip
    return svg.canvas(width, height or _TOP + _CELL_HIGH * len(rows) + 6, body, label)
