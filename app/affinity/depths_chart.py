"""A value at every depth as a line, as a Plotly figure."""

from collections.abc import Sequence

import plotly.graph_objects as go

_MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}
_GREY = "#7E8A8C"  # can be seen on the ground of both schemes


def depths_figure(
    values: Sequence[float | None],
    *,
    low: Sequence[float | None] = (),
    high: Sequence[float | None] = (),
    domain: tuple[float, float] = (-1.0, 1.0),
    chosen: int | None = None,
) -> go.Figure:
    """Return a value per depth as a line with its interval; depths without one leave a gap.

    Numbers beside the points would lie on their intervals: a table has them.

    Args:
        values: One for each depth.
        low: Lower ends of intervals, or empty.
        high: Upper ends.
        domain: Lowest and highest value of the axis.
        chosen: Depth to mark, from 0.
    """
    n = len(values)
    figure = go.Figure()
    figure.add_scatter(
        x=list(range(1, n + 1)), y=list(values), connectgaps=False, mode="lines+markers", cliponaxis=False,
        showlegend=False, marker={"size": [12 if depth == chosen else 7 for depth in range(n)]},
        error_y=_intervals(values, low, high), hovertemplate="after block %{x}: %{y:.2f}<extra></extra>",
    )  # fmt: skip
    if chosen is not None:
        figure.add_vline(x=chosen + 1, line_width=1.4, line_dash="dot", line_color=_GREY)
    figure.update_layout(
        xaxis={"title": "after block", "range": [0.6, n + 0.4], **({"dtick": 1} if n <= 20 else {})},
        yaxis={"range": [domain[0] - 0.04, domain[1] + 0.04]}, height=240, margin=_MARGIN, hovermode="closest",
    )  # fmt: skip
    return figure


def _intervals(
    values: Sequence[float | None], low: Sequence[float | None], high: Sequence[float | None]
) -> dict[str, object] | None:
    """Return the error bars; none where no interval is known."""
    known = [
        (value, a, b) if None not in (value, a, b) else None
        for value, a, b in zip(values, low or [None] * len(values), high or [None] * len(values), strict=True)
    ]
    if not any(known):
        return None
    up = [each[2] - each[0] if each else None for each in known]  # type: ignore[operator]
    down = [each[0] - each[1] if each else None for each in known]  # type: ignore[operator]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.4, "width": 4}
