"""Tasks × exits: how good each task is at each exit, as a heat map with intervals, and against the path's cost."""

import math

import plotly.graph_objects as go
import streamlit as st

from app.charts.plotly_text import plotly_text
from app.paths.assignment_model import cost_words
from app.paths.scores import MATRIX_WORDS, exit_names, matrix_frame
from app.ui.downloads import csv_button
from app.ui.formatting import minus, percent
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.seed_means import SPLIT_WORDS, Mean, cells, seeds_sentence
from app.ui.url_state import choice
from app.ui.written_table import Writer, show_written
from core.costs import Unit
from core.families.multipath.points import path_costs
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

GAIN, METRIC = "gain", "metric"
_CELLS = {GAIN: "Δ", METRIC: "First metric"}
_INK = "#0F171A"
# Pale in both schemes, so that dark numbers can be read on them; for Δ, blue is better and orange worse than alone.
_SCALES = {
    GAIN: [[0, "#F0AE80"], [0.5, "#F7F4EC"], [1, "#93C1E6"]],
    METRIC: [[0, "#F7F4EC"], [1, "#93C1E6"]],
}
_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "pentagon", "star")


def show_matrix(results: MultiPathResults, study: Study) -> None:
    """Show the heat map, the curves and their table.

    Args:
        results: With a measured matrix.
        study: The study.
    """
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        split = choice("Split", list(SPLIT_WORDS), "split", default="test", labels=SPLIT_WORDS,
                       help=explain("validation", "test"))  # fmt: skip
        unit = unit_input(study)
        what = choice("Cells", list(_CELLS), "cells", labels=_CELLS, help=explain("delta"))
    assert results.matrix is not None
    found = cells((results.matrix.gains if what == GAIN else results.matrix.values)[split])
    tasks, exits = [task.name for task in results.tasks], exit_names(results)
    grid = st.grid(2, min_column_width=420)
    with grid.cell(), st.container(border=True):
        st.plotly_chart(
            matrix_figure(found, tasks, exits, what), key="paths-matrix", alt=_spoken(found, tasks, exits, what)
        )
    with grid.cell(), st.container(border=True):
        costs = path_costs(results.exits, study.backbone, unit).tolist()
        st.plotly_chart(
            curves_figure(found, tasks, costs, unit, what), key="paths-curves",
            alt=f"{_CELLS[what]} of each task against the cost of its path",
        )  # fmt: skip
    st.caption(
        f"{seeds_sentence(results.matrix.gains[split], split)} {MATRIX_WORDS}",
        help=explain("matrix network"),
    )
    _show_table(results, split)


def matrix_figure(found: list[list[Mean]], tasks: list[str], exits: list[str], what: str) -> go.Figure:
    """Return tasks × exits with mean and half the interval in every cell.

    Args:
        found: ``[n_tasks][n_exits]``.
        tasks: Names of the rows.
        exits: Names of the columns.
        what: What the numbers are: ``GAIN`` or ``METRIC``.
    """
    values = [[cell.value for cell in row] for row in found]
    words = [[_cell(cell, what) for cell in row] for row in found]
    names = [[f"{plotly_text(task)} at {plotly_text(exit_)}" for exit_ in exits] for task in tasks]
    figure = go.Figure()
    figure.add_heatmap(
        z=values, showscale=False, xgap=2, ygap=2, customdata=names, text=words, texttemplate="%{text}",
        colorscale=_SCALES[what],
        zmid=0 if what == GAIN else None,
        textfont={"color": _INK, "size": 13}, hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(
        height=_height(tasks), margin={"l": 10, "r": 10, "t": 30, "b": 4}, hovermode="closest",
        xaxis={"side": "top", "showgrid": False, "zeroline": False, "tickangle": 0,
               "tickvals": list(range(len(exits))), "ticktext": [plotly_text(_short(name)) for name in exits]},
        yaxis={"autorange": "reversed", "showgrid": False, "zeroline": False,
               "tickvals": list(range(len(tasks))), "ticktext": [plotly_text(name[:18]) for name in tasks]},
    )  # fmt: skip
    return figure


def curves_figure(found: list[list[Mean]], tasks: list[str], costs: list[float], unit: Unit, what: str) -> go.Figure:
    """Return a line for each task over the cost of its path, with intervals.

    Args:
        found: ``[n_tasks][n_exits]``.
        tasks: Names of the lines.
        costs: Of each path.
        unit: Of the costs.
        what: What the numbers are: ``GAIN`` or ``METRIC``.
    """
    figure = go.Figure()
    whole = costs[-1] or 1.0
    for place, (task, row) in enumerate(zip(tasks, found, strict=True)):
        halves = [0.0 if math.isnan(cell.half) else cell.half for cell in row]
        figure.add_scatter(
            x=[100 * cost / whole for cost in costs], y=[cell.value for cell in row], name=plotly_text(task[:30]),
            mode="lines+markers", marker={"symbol": _SYMBOLS[place % len(_SYMBOLS)], "size": 8},
            error_y={"array": halves, "visible": any(halves), "thickness": 1},
            customdata=[
                f"{cost_words(cost, unit)}: {_cell(cell, what)}" for cost, cell in zip(costs, row, strict=True)
            ],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if what == GAIN:
        figure.add_hline(y=0, line_width=1, line_dash="dot", line_color="#7E8A8C")
    figure.update_layout(
        height=_height(tasks), margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": f"cost of the path, % of the whole backbone ({cost_words(whole, unit)})", "range": [0, 104]},
        yaxis={"title": "Δ, %" if what == GAIN else "first metric"},
        legend={"orientation": "h", "y": -0.3, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _height(tasks: list[str]) -> int:
    """Return the height of both figures, which stand side by side."""
    return max(300, 70 + 48 * len(tasks))


def _cell(cell: Mean, what: str) -> str:
    if math.isnan(cell.value):
        return "×"
    if what == GAIN:
        return cell.written
    # Zeros at the end too, and the half with as many decimals: cells are read beside each other.
    text = f"{cell.value:#.3g}".rstrip(".")
    decimals = len(text.partition(".")[2])
    return minus(text) if math.isnan(cell.half) else f"{minus(text)} ± {cell.half:.{decimals}f}"


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"


def _spoken(found: list[list[Mean]], tasks: list[str], exits: list[str], what: str) -> str:
    rows = [
        f"{task}: " + ", ".join(f"{exit_} {_cell(cell, what)}" for exit_, cell in zip(exits, row, strict=True))
        for task, row in zip(tasks, found, strict=True)
    ]
    return f"{_CELLS[what]} of every task at every exit. " + "; ".join(rows)


def _show_table(results: MultiPathResults, split: str) -> None:
    fold = st.expander("The figures as a table", icon=":material/table:", on_change="rerun", key="paths-matrix-table")
    if not fold.open:
        return
    frame = matrix_frame(results, "validation" if split == "validation" else "test")
    # The rows have different metrics; each is written with four digits, zeros at the end too.
    number: Writer = lambda value: minus(f"{value:#.4g}".rstrip("."))  # noqa: E731
    with fold:
        show_written(
            frame,
            {**dict.fromkeys(("Δ", "Δ low", "Δ high"), percent), "value": number, "± value": number},
            hide_index=True,
            alt="Gain and first metric of every task at every exit",
        )
        csv_button("Tasks × exits as CSV", frame, "branchwise-paths-matrix.csv")
