"""Branches of a TreeDNN against dedicated networks: bars with a dot per seed, as a Plotly figure."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.charts.plotly_text import plotly_text
from app.families.treednn.scores import BranchBars, Network

_PATTERNS = {
    Network.DEDICATED: {"shape": "/", "fillmode": "replace", "size": 7, "solidity": 0.35},
    Network.GENERALISED: {"shape": ".", "fillmode": "replace", "size": 5, "solidity": 0.4},
    Network.SPECIALISED: {},
}
_PIXELS, _BRANCH = 21, 4.4  # of a row; rows from one branch to the next
_LEFT, _RIGHT = 112, 76


def results_figure(branches: Sequence[BranchBars]) -> go.Figure:
    """Return three bars per branch, two for a graft: mean over seeds, and every seed as a dot.

    Each metric has its own axis, so bars are shares of the axis of their branch.

    Args:
        branches: Of ``branch_bars``.
    """
    figure = go.Figure()
    for network in Network:
        rows = [
            (place, branch, branch.values[network]) for place, branch in enumerate(branches)
            if network in branch.values and not np.isnan(branch.values[network]).all()
        ]  # fmt: skip
        if rows:
            figure.add_bar(
                name=str(network), orientation="h", width=0.78, marker={"pattern": _PATTERNS[network]},
                x=[float(np.nanmean(values)) / branch.top for _, branch, values in rows],
                y=[_row(place, branch, network) for place, branch, _ in rows],
                customdata=[f"{plotly_text(branch.name)}: {branch.written[network]}" for _, branch, _ in rows],
                hovertemplate=f"%{{customdata}}, {network}<extra></extra>",
            )  # fmt: skip
    _dots(figure, branches)
    _words(figure, branches)
    shown = [(place, branch, network) for place, branch in enumerate(branches) for network in branch.values]
    figure.update_layout(
        barmode="overlay", height=round(60 + _PIXELS * _BRANCH * len(branches)), hovermode="closest",
        showlegend=False, margin={"l": _LEFT, "r": _RIGHT, "t": 6, "b": 6},
        xaxis={"range": [0, 1.02], "visible": False},
        yaxis={
            "tickvals": [_row(*each) for each in shown], "ticktext": [str(network) for *_, network in shown],
            "range": [_BRANCH * len(branches) - 0.4, -0.6], "showgrid": False, "zeroline": False,
        },
    )  # fmt: skip
    return figure


def spoken(branches: Sequence[BranchBars]) -> str:
    """Return the bars as text."""
    parts = [
        f"{branch.name}, {branch.metric}: "
        + ", ".join(f"{network} {branch.written[network]}" for network in branch.values)
        + f"; {branch.note}"
        for branch in branches
    ]
    return "TreeDNN against dedicated networks on the test split. " + ". ".join(parts)


def _row(place: int, branch: BranchBars, network: Network) -> float:
    """Return where a bar stands: below its branch's name, in order, without a gap for a network that has none."""
    return place * _BRANCH + 1 + list(branch.values).index(network)


def _dots(figure: go.Figure, branches: Sequence[BranchBars]) -> None:
    found = [
        (float(value), place, branch, network) for place, branch in enumerate(branches)
        for network, values in branch.values.items() for value in values if not np.isnan(value)
    ]  # fmt: skip
    figure.add_scatter(
        mode="markers", x=[min(value / branch.top, 1.0) for value, _, branch, _ in found],
        y=[_row(place, branch, network) for _, place, branch, network in found],
        customdata=[value for value, *_ in found],
        hovertemplate="one seed: %{customdata:.4g}<extra></extra>",
        # White with a dark edge is visible on every bar and both backgrounds.
        marker={"color": "white", "size": 7, "line": {"color": "#1B2225", "width": 1.4}},
    )  # fmt: skip


def _words(figure: go.Figure, branches: Sequence[BranchBars]) -> None:
    for place, branch in enumerate(branches):
        y, heads = place * _BRANCH, {"showarrow": False, "xref": "paper", "yanchor": "middle"}
        figure.add_annotation(
            **heads,
            x=0,
            xanchor="left",
            xshift=4 - _LEFT,
            y=y,
            text=f"<b>{plotly_text(branch.name)}</b>",
            font={"size": 14},
        )
        note = f"{plotly_text(branch.metric)} · {plotly_text(branch.note)}"
        figure.add_annotation(**heads, x=1, xanchor="right", xshift=_RIGHT - 4, y=y, text=note)
        for network, values in branch.values.items():
            words = "missing" if np.isnan(values).all() else branch.written[network]
            figure.add_annotation(
                **heads, x=1, xanchor="left", xshift=8, y=_row(place, branch, network), text=plotly_text(words)
            )
