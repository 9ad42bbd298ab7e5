"""Tasks × places of a network: how good each task is there, as a heat map with intervals."""

import math

import plotly.graph_objects as go

from app.charts.plotly_text import plotly_text
from app.ui.formatting import minus
from app.ui.seed_means import Mean

GAIN, METRIC = "gain", "metric"
CELLS = {GAIN: "Δ", METRIC: "First metric"}
_INK = "#0F171A"
# Pale in both schemes, so that dark numbers can be read on them; for Δ, blue is better and orange worse than alone.
_SCALES = {
    GAIN: [[0, "#F0AE80"], [0.5, "#F7F4EC"], [1, "#93C1E6"]],
    METRIC: [[0, "#F7F4EC"], [1, "#93C1E6"]],
}


def means_figure(found: list[list[Mean]], tasks: list[str], places: list[str], what: str) -> go.Figure:
    """Return tasks × places with mean and half the interval in every cell.

    Args:
        found: ``[n_tasks][n_places]``.
        tasks: Names of the rows.
        places: Names of the columns, such as exits or levels.
        what: What the numbers are: ``GAIN`` or ``METRIC``.
    """
    values = [[cell.value for cell in row] for row in found]
    words = [[cell_words(cell, what) for cell in row] for row in found]
    names = [[f"{plotly_text(task)} at {plotly_text(place)}" for place in places] for task in tasks]
    figure = go.Figure()
    figure.add_heatmap(
        z=values, showscale=False, xgap=2, ygap=2, customdata=names, text=words, texttemplate="%{text}",
        colorscale=_SCALES[what],
        zmid=0 if what == GAIN else None,
        textfont={"color": _INK, "size": 13}, hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(
        height=figure_height(tasks), margin={"l": 10, "r": 10, "t": 30, "b": 4}, hovermode="closest",
        xaxis={"side": "top", "showgrid": False, "zeroline": False, "tickangle": 0,
               "tickvals": list(range(len(places))), "ticktext": [plotly_text(_short(name)) for name in places]},
        yaxis={"autorange": "reversed", "showgrid": False, "zeroline": False,
               "tickvals": list(range(len(tasks))), "ticktext": [plotly_text(name[:18]) for name in tasks]},
    )  # fmt: skip
    return figure


def figure_height(tasks: list[str]) -> int:
    """Return the height of the figure, and of one that stands beside it."""
    return max(300, 70 + 48 * len(tasks))


def cell_words(cell: Mean, what: str) -> str:
    """Return what stands in a cell: the mean with half its interval; a cross where nothing is measured."""
    if math.isnan(cell.value):
        return "×"
    if what == GAIN:
        return cell.written
    # Zeros at the end too, and the half with as many decimals: cells are read beside each other.
    text = f"{cell.value:#.3g}".rstrip(".")
    decimals = len(text.partition(".")[2])
    return minus(text) if math.isnan(cell.half) else f"{minus(text)} ± {cell.half:.{decimals}f}"


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def spoken_means(found: list[list[Mean]], tasks: list[str], places: list[str], what: str) -> str:
    """Return the whole figure in words."""
    rows = [
        f"{task}: " + ", ".join(f"{place} {cell_words(cell, what)}" for place, cell in zip(places, row, strict=True))
        for task, row in zip(tasks, found, strict=True)
    ]
    return f"{CELLS[what]} of every task. " + "; ".join(rows)
