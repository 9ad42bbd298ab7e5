"""Pairwise gain by branch point: the curves of the two-task table."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app.charts.shares import pairs_figure
from app.overview.pair_words import pair_curves, pair_holes
from app.plane.basis import predicted_split
from app.plane.scene import Scene
from app.ui.downloads import csv_button
from app.ui.formatting import listed, percent
from app.ui.glossary import explain
from app.ui.plotly import plotly_chart
from app.ui.written_table import show_written
from core.families.layouts.predictions import BudgetView

if TYPE_CHECKING:
    import pandas as pd

MOST = 10


def show_pairs(scene: Scene) -> None:
    """Show the mean Δ of the pairs that vary most over the blocks they share, and all of them as a table."""
    view = scene.view
    st.markdown("**Pairwise gain by branch point**", help=explain("two-task table", "delta"))
    curves, holes, kept = _curves(view)
    named = {name: curves[name] for name in kept}
    plotly_chart(
        _figure(kept, np.array(list(named.values())), np.array([holes[name] for name in kept])),
        key="pairs",
        alt="Mean gain of both tasks by number of shared blocks: "
        + "; ".join(f"{name} best at {int(values.argmax())} blocks" for name, values in named.items())
        + (". Hollow dots are interpolated" if any(holes[name].any() for name in kept) else ""),
    )
    few = f" {len(kept)} of {len(curves)} pairs: those that vary most." if len(curves) > len(kept) else ""
    hollow = " Hollow dots: not measured, interpolated." if any(holes[name].any() for name in kept) else ""
    st.caption(f"Mean of both tasks; {predicted_split(view)}.{few}{hollow}")
    with st.expander("As a table", icon=":material/table:"):
        _table(scene)


@lru_cache(maxsize=48)
def _curves(
    view: BudgetView,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.bool_]], tuple[str, ...]]:
    """Return the curve of every pair by its name, where it is interpolated, and which pairs vary most."""
    curves, holes = pair_curves(view.pairs), pair_holes(view.study.table.holes)
    most = sorted(curves, key=lambda pair: float(np.ptp(curves[pair])), reverse=True)[:MOST]
    names = {pair: listed([view.tasks[task] for task in pair]) for pair in curves}
    return (
        {names[pair]: values for pair, values in curves.items()},
        {names[pair]: where for pair, where in holes.items()},
        tuple(names[pair] for pair in sorted(most)),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _figure(names: tuple[str, ...], values: NDArray[np.float64], holes: NDArray[np.bool_]) -> go.Figure:
    # Plotly takes longer to make it than the rest of the page together.
    return pairs_figure(dict(zip(names, values, strict=True)), dict(zip(names, holes, strict=True)))


def _table(scene: Scene) -> None:
    frame = _with_words(scene.view)
    show_written(
        frame,
        # Words where a cell is interpolated; numbers, which sort, where all are measured.
        {} if scene.view.study.table.holes.any() else dict.fromkeys(map(str, frame), percent),
        alt="Mean gain of every pair by number of shared blocks",
    )
    csv_button("Pairs as CSV", _downloaded(scene.view), f"{scene.view.study.name}-pairs.csv")


@lru_cache(maxsize=48)
def _frame(view: BudgetView) -> "pd.DataFrame":
    # Here and not above: the page's heading should not wait for it.
    import pandas as pd

    return pd.DataFrame(_curves(view)[0]).rename(index=str).rename_axis("blocks shared").T


@lru_cache(maxsize=48)
def _with_words(view: BudgetView) -> "pd.DataFrame":
    """Return the table in which every number of an interpolated cell says so; as it is where all are measured."""
    frame, holes = _frame(view), _curves(view)[1]
    if not view.study.table.holes.any():
        return frame
    words = frame.astype(object)
    for name, where in holes.items():
        words.loc[name] = [
            f"{percent(float(value))}{' (interpolated)' if hole else ''}"
            for value, hole in zip(frame.loc[name], where, strict=True)
        ]
    return words


@lru_cache(maxsize=48)
def _downloaded(view: BudgetView) -> "pd.DataFrame":
    """Return the numbers, and the blocks shared at which a pair is interpolated where cells are not measured."""
    frame, holes = _frame(view).rename_axis("pair").reset_index(), _curves(view)[1]
    if view.study.table.holes.any():
        frame["interpolated at"] = [" ".join(map(str, np.flatnonzero(holes[name]))) for name in frame["pair"]]
    return frame
