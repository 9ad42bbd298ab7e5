"""How parameters and multiply-accumulates add up over the depth of a backbone, as Plotly figures."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.charts.plotly_text import plotly_text

Array = NDArray[np.float64]
_MARGIN = {"l": 10, "r": 10, "t": 34, "b": 10}
# Below the axis and its title: above the plot the toolbar would cover it.
_LEGEND = {"orientation": "h", "y": -0.3, "yanchor": "top", "x": 0}
_DASHES = ("solid", "dash", "dot")


def shares_figure(shares: Mapping[str, Array]) -> go.Figure:
    """Return the share of the whole that the first b blocks hold, one line per unit.

    Args:
        shares: Unit in words → ``[n_blocks + 1]``, percent.
    """
    figure = go.Figure()
    for place, (name, values) in enumerate(shares.items()):
        figure.add_scatter(
            x=np.arange(len(values)), y=values, name=plotly_text(name),
            mode="lines+markers" if len(values) <= 30 else "lines",
            line={"dash": _DASHES[place % len(_DASHES)]}, hovertemplate="first %{x} blocks: %{y:.1f} %<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        xaxis_title="first b blocks", yaxis_title="share of the backbone (%)", yaxis={"range": [0, 103]},
        height=330, margin=_MARGIN, legend=_LEGEND, hovermode="closest",
    )  # fmt: skip
    return figure


def depth_figure(curves: Mapping[str, tuple[Array, Array]]) -> go.Figure:
    """Return parameters over multiply-accumulates, both as shares, one line per backbone.

    Backbones of any number of blocks are comparable on it: it shows which share of the storage
    belongs to the blocks that do a given share of the work.

    Args:
        curves: Backbone → share of MACs and share of parameters of its first b blocks, percent.
    """
    figure = go.Figure()
    for place, (name, (macs, params)) in enumerate(curves.items()):
        figure.add_scatter(
            x=macs, y=params, name=plotly_text(name), mode="lines+markers" if len(macs) <= 30 else "lines",
            line={"dash": _DASHES[place % len(_DASHES)]}, customdata=np.arange(len(macs)),
            hovertemplate="first %{customdata} blocks: %{x:.0f} % of MACs, %{y:.0f} % of parameters<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"width": 1, "dash": "dot"},
        opacity=0.5,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_layout(
        xaxis_title="share of MACs of the first blocks (%)", yaxis_title="share of parameters (%)", height=330,
        margin=_MARGIN, legend=_LEGEND, xaxis={"range": [0, 101]}, yaxis={"range": [0, 103]}, hovermode="closest",
    )  # fmt: skip
    return figure


def pairs_figure(curves: Mapping[str, Array], holes: Mapping[str, NDArray[np.bool_]] | None = None) -> go.Figure:
    """Return the mean Δ of both tasks of each pair over the blocks they share; dots are hollow where interpolated.

    Args:
        curves: Pair in words → ``[n_blocks + 1]``, percent.
        holes: Pair in words → where it is interpolated, ``[n_blocks + 1]``; a pair that is not in it is measured.
    """
    figure = go.Figure()
    for place, (name, values) in enumerate(curves.items()):
        figure.add_scatter(
            x=np.arange(len(values)), y=values, name=plotly_text(name), mode="lines+markers",
            line={"dash": _DASHES[place % len(_DASHES)]},
            hovertemplate="%{x} blocks shared: %{y:+.1f} %%{text}<extra></extra>",
            **_marks((holes or {}).get(name, np.zeros(len(values), dtype=bool))),
        )  # fmt: skip
    figure.add_hline(y=0, line_width=1, line_dash="dot", opacity=0.6)
    figure.update_layout(
        xaxis_title="blocks shared by the pair", yaxis_title="gain Δ, mean of both tasks (%)",
        xaxis={"dtick": 1} if max(map(len, curves.values()), default=0) <= 21 else {},
        height=330, margin=_MARGIN, legend=_LEGEND, hovermode="closest",
    )  # fmt: skip
    return figure


def _marks(hollow: NDArray[np.bool_]) -> dict[str, object]:
    """Return the dots of a line, and what is said of each: hollow where a value is interpolated."""
    return {
        "marker": {
            "opacity": 1,
            "symbol": ["circle-open" if each else "circle" for each in hollow],
            "size": [11 if each else 6 for each in hollow],
            # A solid dot with a line of its own would look hollow in the dark scheme.
            "line": {"width": [2 if each else 0 for each in hollow]},
        },
        "text": [", interpolated" if each else "" for each in hollow],
    }
