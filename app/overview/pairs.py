"""Pairwise gain by branch point: the curves of the two-task table."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app.charts.shares import pairs_figure
from app.overview.model import pair_curves
from app.plane.basis import predicted_split
from app.plane.scene import Scene
from app.ui.downloads import csv_button
from app.ui.formatting import listed, percent
from app.ui.glossary import explain
from app.ui.written_table import show_written

MOST = 10


def show_pairs(scene: Scene) -> None:
    """Show the mean Δ of the pairs that vary most over the blocks they share, and all of them as a table."""
    view = scene.view
    st.markdown("**Pairwise gain by branch point**", help=explain("two-task table", "delta"))
    curves = pair_curves(view.filled.values)
    kept = sorted(curves, key=lambda pair: float(np.ptp(curves[pair])), reverse=True)[:MOST]
    named = {listed([view.tasks[task] for task in pair]): curves[pair] for pair in sorted(kept)}
    st.plotly_chart(
        _figure(tuple(named), np.array(list(named.values()))),
        key="pairs",
        alt="Mean gain of both tasks by number of shared blocks: "
        + "; ".join(f"{name} best at {int(values.argmax())} blocks" for name, values in named.items()),
    )
    few = f" {len(kept)} of {len(curves)} pairs: those that vary most." if len(curves) > len(kept) else ""
    st.caption(f"Mean of both tasks; {predicted_split(view)}.{few}")
    with st.expander("As a table", icon=":material/table:"):
        _table(scene, {listed([view.tasks[t] for t in pair]): values for pair, values in curves.items()})


@st.cache_resource(max_entries=32, show_spinner=False)
def _figure(names: tuple[str, ...], values: NDArray[np.float64]) -> go.Figure:
    # Plotly takes longer to make it than the rest of the page together.
    return pairs_figure(dict(zip(names, values, strict=True)))


def _table(scene: Scene, named: dict[str, NDArray[np.float64]]) -> None:
    import pandas as pd

    frame = pd.DataFrame(named).rename(index=str).rename_axis("blocks shared").T
    show_written(
        frame,
        dict.fromkeys(map(str, frame), percent),
        alt="Mean gain of every pair by number of shared blocks",
    )
    csv_button("Pairs as CSV", frame.rename_axis("pair").reset_index(), f"{scene.view.study.name}-pairs.csv")
