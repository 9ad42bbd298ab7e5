"""Measured against predicted gains, and the regret map, as Plotly figures."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.charts.plotly_text import plotly_text

Array = NDArray[np.float64]


def agreement_figure(predicted: Array, trained: Array, low: Array, high: Array, names: Sequence[str]) -> go.Figure:
    """Return measured gain Δ over predicted gain Δ, one point per layout with its range over seeds.

    Args:
        predicted: ``[n_layouts]``, percent.
        trained: Mean over seeds, ``[n_layouts]``.
        low: Lowest seed, ``[n_layouts]``.
        high: Highest seed, ``[n_layouts]``.
        names: Sentence of each layout.
    """
    figure = go.Figure(
        go.Scatter(
            x=predicted,
            y=trained,
            error_y={"type": "data", "array": high - trained, "arrayminus": trained - low, "thickness": 1, "width": 0},
            mode="markers",
            marker={"size": 8},
            customdata=[plotly_text(name) for name in names],
            hovertemplate="%{customdata}<br>predicted %{x:+.1f} %, measured %{y:+.1f} %<extra></extra>",
        )
    )
    ends = [float(min(predicted.min(), low.min())), float(max(predicted.max(), high.max()))]
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"dash": "dot", "width": 1}, hoverinfo="skip", name="equal")
    figure.update_layout(
        xaxis_title="predicted gain Δ (%)", yaxis_title="measured gain Δ (%), bar: range over seeds", showlegend=False,
        height=380,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )  # fmt: skip
    return figure


def regret_figure(loss: Array, pairs: Sequence[str]) -> go.Figure:
    """Return how much the best score falls when a pair must share exactly b blocks.

    Args:
        loss: ``[n_pairs, n_blocks + 1]``, percent below the best, zero or more; NaN where nothing fits.
        pairs: Names of the pairs.
    """
    text = [["–" if np.isnan(v) else f"{v:.1f}" for v in row] for row in loss]
    figure = go.Figure(
        go.Heatmap(
            z=loss, x=[str(b) for b in range(loss.shape[1])], y=[plotly_text(pair) for pair in pairs],
            text=text, texttemplate="%{text}",
            hovertemplate="%{y} sharing %{x} blocks<br>loses %{z:.2f} points of gain<extra></extra>", showscale=False,
            xgap=2, ygap=2, reversescale=True,
        )
    )  # fmt: skip
    figure.update_layout(
        xaxis_title="blocks shared by the pair", height=90 + 34 * len(pairs),
        margin={"l": 10, "r": 10, "t": 10, "b": 10}, xaxis={"type": "category"}, yaxis={"autorange": "reversed"},
    )  # fmt: skip
    return figure
