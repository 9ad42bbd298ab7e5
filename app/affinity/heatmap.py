"""A table of numbers as tinted cells, small enough for a lesson, as a Plotly figure."""

from collections.abc import Collection, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.charts.plotly_text import plotly_text
from app.ui.formatting import minus

Array = NDArray[np.float64]

_HOLE, _PALE = "×", 0.45
# Orange is less and blue is more, pale in both schemes.
_DIVERGING = [[0, "#F0AE80"], [0.5, "#F7F4EC"], [1, "#93C1E6"]]
_LONGEST = 18


def matrix_figure(
    values: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    digits: int = 2,
    domain: tuple[float, float] | None = None,
    marked_rows: Collection[int] = (),
    marked: Collection[tuple[int, int]] = (),
    ink: str = "#0F171A",
    written: Sequence[Sequence[str]] | None = None,
    is_diverging: bool = False,
) -> go.Figure:
    """Return a matrix with a number in every cell.

    Args:
        values: ``[n_rows, n_columns]``; a hole is NaN.
        rows: Names of the rows.
        columns: Names of the columns.
        digits: Digits behind the point.
        domain: Values of the palest and the deepest tint; those of the matrix when None.
        marked_rows: Rows to frame.
        marked: Cells whose number is bold and underlined.
        ink: Colour of numbers and frames.
        written: Words of the cells, ``[n_rows][n_columns]``; numbers with ``digits`` when None.
        is_diverging: Whether the middle of the domain means no difference.
    """
    n_rows, n_columns = values.shape
    known = values[~np.isnan(values)]
    low, high = domain or ((float(known.min()), float(known.max())) if known.size else (0.0, 1.0))
    names = [[f"{plotly_text(row)}, {plotly_text(column)}" for column in columns] for row in rows]
    figure = go.Figure()
    # Colours come from the theme's sequential scale, pale enough for numbers to be read on them in both schemes.
    figure.add_heatmap(
        colorscale=_DIVERGING if is_diverging else None,
        z=values, zmin=low, zmax=max(high, low + 1e-12), showscale=False, xgap=2, ygap=2, customdata=names,
        text=_marked(written or _written(values, digits), marked), texttemplate="%{text}",
        opacity=1.0 if is_diverging else _PALE,
        textfont={"color": ink, "size": 14},
        hovertemplate=f"%{{customdata}}: {'%{text}' if written else f'%{{z:.{digits}f}}'}<extra></extra>",
    )  # fmt: skip
    holes = [(r, c) for r, c in np.argwhere(np.isnan(values)).tolist()]
    if holes:
        figure.add_scatter(
            x=[c for _, c in holes], y=[r for r, _ in holes], mode="text", text=[_HOLE] * len(holes), showlegend=False,
            hovertemplate="not measured<extra></extra>",
        )  # fmt: skip
    for row in marked_rows:
        figure.add_shape(
            type="rect", x0=-0.5, x1=n_columns - 0.5, y0=row - 0.5, y1=row + 0.5, line={"width": 3, "color": ink},
        )  # fmt: skip
    figure.update_layout(
        xaxis={"side": "top", "showgrid": False, "zeroline": False, "tickangle": 0, **_ticks(columns)},
        yaxis={"autorange": "reversed", "showgrid": False, "zeroline": False, **_ticks(rows)},
        height=round(46 + max(26, min(38, 420 / n_rows)) * n_rows), hovermode="closest",
        margin={"l": 10, "r": 10, "t": 30, "b": 4},
    )  # fmt: skip
    return figure


def _written(values: Array, digits: int) -> list[list[str]]:
    return [["" if np.isnan(value) else minus(f"{value:.{digits}f}") for value in row] for row in values.tolist()]


def _marked(written: Sequence[Sequence[str]], marked: Collection[tuple[int, int]]) -> list[list[str]]:
    return [
        [f"<b><u>{words}</u></b>" if words and (r, c) in marked else words for c, words in enumerate(row)]
        for r, row in enumerate(written)
    ]


def _ticks(names: Sequence[str]) -> dict[str, object]:
    short = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    return {"tickvals": list(range(len(names))), "ticktext": [plotly_text(name) for name in short]}
