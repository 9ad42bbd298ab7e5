"""Early leaving by confidence: accuracy against mean cost."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.ui.downloads import csv_button
from app.ui.formatting import plural
from app.ui.glossary import explain
from app.ui.plotly import plotly_chart
from app.ui.url_state import name_choice
from app.ui.written_table import show_written
from core.families.multipath.payload import LeavingPoint
from core.families.multipath.results import MultiPathResults

Curves = tuple[tuple[LeavingPoint, ...], ...]


def show_leaving(results: MultiPathResults) -> None:
    """Show the curve of one task, a line for each seed.

    Args:
        results: With a measured matrix.
    """
    matrix = results.matrix
    curves = {} if matrix is None else matrix.leaving
    if matrix is None or not curves:
        st.info("Leaving early needs a classification task of a measured matrix network.", icon=":material/info:")
        return
    task = name_choice("Task", list(curves), "leaving_task", help=explain("early leaving"), width=260)
    assert task is not None
    whole = results.exits[-1].macs
    with st.container(border=True):
        plotly_chart(
            leaving_figure(curves[task], matrix.seeds, whole), key="paths-leaving",
            alt=f"Accuracy of {task} against mean multiply-accumulates when confident answers leave early",
        )  # fmt: skip
    st.caption(
        "Test split, thresholds chosen on the validation split; a line for each of "
        f"{plural(len(curves[task]), 'seed')}. "
        "Each point is one threshold: how often answers that leave at an early exit have to be right."
    )
    frame = leaving_frame(curves[task], matrix.seeds, whole)
    fold = st.expander("The curve as a table", icon=":material/table:", on_change="rerun", key="paths-leaving-table")
    if fold.open:
        with fold:
            show_written(
                frame,
                dict.fromkeys(("wanted", "accuracy", "MACs share", *_leaving_columns(frame)),
                              lambda value: f"{value:.1f} %"),
                hide_index=True,
                alt="Accuracy and mean cost of every choice of thresholds",
            )  # fmt: skip
            csv_button("Curve as CSV", frame, "branchwise-paths-leaving.csv")


def _leaving_columns(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns if str(name).startswith("leave")]


def leaving_figure(curves: Curves, seeds: Sequence[int], whole: float) -> go.Figure:
    """Return accuracy against the mean share of multiply-accumulates, a line for each seed.

    Args:
        curves: For each seed.
        seeds: Their seeds.
        whole: Multiply-accumulates of the whole backbone.
    """
    figure = go.Figure()
    for seed, points in zip(seeds, curves, strict=True):
        figure.add_scatter(
            x=[100 * point.macs / whole if whole else 0.0 for point in points],
            y=[100 * point.accuracy for point in points], mode="lines+markers", name=f"seed {seed}",
            customdata=[
                f"{100 * point.accuracy:.1f} % right; leave: " + ", ".join(f"{100 * s:.0f} %" for s in point.shares)
                for point in points
            ],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_layout(
        height=340, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": "mean multiply-accumulates, % of the whole backbone", "range": [0, 104]},
        yaxis={"title": "right answers, %"}, legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def leaving_frame(curves: Curves, seeds: Sequence[int], whole: float) -> pd.DataFrame:
    """Return one row for each point of each seed, in percent."""
    return pd.DataFrame(
        [
            {
                "seed": seed,
                "wanted": 100 * min(point.wanted, 1.0),
                "accuracy": 100 * point.accuracy,
                "MACs": point.macs,
                "MACs share": 100 * point.macs / whole if whole else 0.0,
                **{f"leave at {e}": 100 * share for e, share in enumerate(point.shares, start=1)},
            }
            for seed, points in zip(seeds, curves, strict=True)
            for point in points
        ]
    )
