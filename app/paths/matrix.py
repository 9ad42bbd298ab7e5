"""Tasks × exits: how good each task is at each exit, as a heat map with intervals, and against the path's cost."""

import math

import plotly.graph_objects as go
import streamlit as st

from app.charts.means_map import CELLS, GAIN, cell_words, figure_height, means_figure, spoken_means
from app.charts.plotly_text import plotly_text
from app.paths.assignment_model import cost_words
from app.paths.scores import ENDS, MATRIX_WORDS, exit_names, matrix_frame
from app.ui.downloads import csv_button
from app.ui.formatting import minus, percent
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.interval_column import with_interval_column
from app.ui.plotly import plotly_chart
from app.ui.seed_means import SPLIT_WORDS, Mean, cells, seeds_sentence
from app.ui.url_state import choice
from app.ui.written_table import Writer, show_written
from core.costs import Unit
from core.families.multipath.points import path_costs
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

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
        what = choice("Cells", list(CELLS), "cells", labels=CELLS, help=explain("delta"))
    assert results.matrix is not None
    found = cells((results.matrix.gains if what == GAIN else results.matrix.values)[split])
    tasks, exits = [task.name for task in results.tasks], exit_names(results)
    grid = st.grid(2, min_column_width=420)
    with grid.cell(), st.container(border=True):
        plotly_chart(
            means_figure(found, tasks, exits, what), key="paths-matrix", alt=spoken_means(found, tasks, exits, what)
        )
    with grid.cell(), st.container(border=True):
        costs = path_costs(results.exits, study.backbone, unit).tolist()
        plotly_chart(
            curves_figure(found, tasks, costs, unit, what), key="paths-curves",
            alt=f"{CELLS[what]} of each task against the cost of its path",
        )  # fmt: skip
    st.caption(
        f"{seeds_sentence(results.matrix.gains[split], split)} {MATRIX_WORDS}",
        help=explain("matrix network"),
    )
    _show_table(results, split)


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
                f"{cost_words(cost, unit)}: {cell_words(cell, what)}" for cost, cell in zip(costs, row, strict=True)
            ],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if what == GAIN:
        figure.add_hline(y=0, line_width=1, line_dash="dot", line_color="#7E8A8C")
    figure.update_layout(
        height=figure_height(tasks), margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": f"cost of the path, % of the whole backbone ({cost_words(whole, unit)})", "range": [0, 104]},
        yaxis={"title": "Δ, %" if what == GAIN else "first metric"},
        legend={"orientation": "h", "y": -0.3, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _show_table(results: MultiPathResults, split: str) -> None:
    fold = st.expander("The figures as a table", icon=":material/table:", on_change="rerun", key="paths-matrix-table")
    if not fold.open:
        return
    frame = matrix_frame(results, "validation" if split == "validation" else "test")
    # The rows have different metrics; each is written with four digits, zeros at the end too.
    number: Writer = lambda value: minus(f"{value:#.4g}".rstrip("."))  # noqa: E731
    with fold:
        show_written(
            with_interval_column(frame, "Δ", ENDS, percent),
            {"Δ": percent, "value": number, "± value": number},
            hide_index=True,
            alt="Gain and first metric of every task at every exit",
        )
        csv_button("Tasks × exits as CSV", frame, "branchwise-paths-matrix.csv")
