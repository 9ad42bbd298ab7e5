"""A table of numbers as tinted cells, small enough for a lesson."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.charts import svg

Array = NDArray[np.float64]

# The tint stays pale, so that numbers can be read on it in both schemes.
_PALEST, _DEEPEST = 0.04, 0.42


def matrix_svg(
    values: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    label: str,
    digits: int = 2,
    domain: tuple[float, float] | None = None,
    marked_rows: Collection[int] = (),
    marked: Collection[tuple[int, int]] = (),
    width: int = 900,
) -> str:
    """Give a matrix with a number in every cell.

    Args:
        values: ``[n_rows, n_columns]``; NaN is drawn as a cross.
        rows: Names of the rows.
        columns: Names of the columns.
        label: Spoken description.
        digits: Digits behind the point.
        domain: Values of the palest and the deepest tint; those of the matrix when None.
        marked_rows: Rows to frame.
        marked: Cells whose number is bold and underlined.
        width: Width of the drawing in its own units.
    """
    n_rows, n_columns = values.shape
    size = 13 if n_columns <= 10 else 11
    left = 10 + min(18, max(map(len, rows))) * size * 0.58
    cell = min((width - left) / n_columns, 96.0)
    height = min(34.0, max(22.0, cell * 0.62))
    top = 26.0
    known = values[~np.isnan(values)]
    low, high = domain or ((float(known.min()), float(known.max())) if known.size else (0.0, 1.0))
    body = "".join(
        svg.text(left + cell * (c + 0.5), 16, svg.shortened(name, max(3, int(cell / 7))), anchor="middle", size=size)
        for c, name in enumerate(columns)
    )
    for r in range(n_rows):
        y = top + height * r
        body += svg.text(left - 8, y + height / 2 + 4, svg.shortened(rows[r], 18), anchor="end", size=size)
        for c in range(n_columns):
            body += _cell(
                float(values[r, c]), left + cell * c, y, cell, height, low, high, digits, (r, c) in marked, size
            )
    for r in marked_rows:
        body += svg.tag(
            "rect", x=left, y=top + height * r, width=cell * n_columns, height=height, fill="none", rx=3,
            stroke=svg.TEXT, stroke_width=2,
        )  # fmt: skip
    return svg.canvas(max(float(width), left + cell * n_columns + 4), top + height * n_rows + 4, body, label)


def _cell(
    value: float, x: float, y: float, width: float, height: float, low: float, high: float, digits: int,
    strong: bool, size: int,
) -> str:  # fmt: skip
    box: dict[str, Any] = {"x": x + 1, "y": y + 1, "width": width - 2, "height": height - 2, "rx": 2}
    if np.isnan(value):
        middle, reach = (x + width / 2, y + height / 2), 5
        cross = svg.path([(middle[0] - reach, middle[1] - reach), (middle[0] + reach, middle[1] + reach)]) + svg.path(
            [(middle[0] - reach, middle[1] + reach), (middle[0] + reach, middle[1] - reach)]
        )
        return svg.tag("rect", **box, fill="none", stroke=svg.LINE) + svg.tag("path", d=cross, stroke=svg.MUTED)
    place = min(max((value - low) / max(high - low, 1e-12), 0.0), 1.0)
    tint = svg.tag("rect", **box, fill=svg.PRIMARY, fill_opacity=f"{_PALEST + place * (_DEEPEST - _PALEST):.3f}")
    more: dict[str, Any] = {"font_weight": 700, "text_decoration": "underline"} if strong else {}
    number = f"{value:.{digits}f}".replace("-", "−")
    return tint + svg.text(x + width / 2, y + height / 2 + 4, number, anchor="middle", size=size, **more)
