"""Accuracy against what a level costs, the matrix of tasks and levels, and how orders differ."""

import math

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app.charts.means_map import CELLS, GAIN, METRIC, cell_words, means_figure, spoken_means
from app.charts.plotly_text import plotly_text
from app.families.rivals.steps import steps_sentence
from app.ui import cached
from app.ui.downloads import csv_button
from app.ui.formatting import amount, minus, percent
from app.ui.glossary import explain
from app.ui.interval_column import with_interval_column
from app.ui.plotly import plotly_chart
from app.ui.seed_means import SPLIT_WORDS, cells, seeds_sentence
from app.ui.url_options import several
from app.ui.url_state import choice, listed_choice
from app.ui.written_table import Writer, show_written
from app.virtual.accuracy_model import Against, Line, accuracy_frame, differences_frame, task_lines
from app.virtual.controls import network_input
from app.virtual.timing import show_timing, shown_times
from core.costs import Unit
from core.families.rivals.results import RivalResults
from core.families.virtual.results import VirtualResults
from core.runs.result import Split
from core.studies.study import Study

_AGAINST_WORDS = {Against.BYTES: "Bytes", Against.DENSITY: "Share of the weights", Against.MACS: "MACs"}
_AXIS = {
    Against.BYTES: "kB of the level, head included",
    Against.DENSITY: "share of the weights between channels, %",
    Against.MACS: "multiply-accumulates of the level",
}
_ZERO = "#7E8A8C"
# Seen well on both grounds.
_COLOURS = ("#2A9A83", "#D2691E", "#4C84D6", "#9A6FC4", "#A68A1A", "#CC5C80")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star")
_RIVAL_SYMBOLS = ("x", "cross", "hexagram", "star-diamond", "bowtie", "hourglass")
_ALONE_COLOUR = "#7E8A8C"
_MOST_PANELS = 12
_ALONE_WORDS = (
    "A network that is trained alone has the layers of one task's level, and shares nothing; on the last level it is "
    "the single-task network. "
)


def show_accuracy(results: VirtualResults, study: Study) -> None:
    """Show what every level reached.

    Args:
        results: With a trained network.
        study: The study; rivals trained on the same data are shown, too.
    """
    trained = [str(place) for place, network in enumerate(results.networks) if network.payloads]
    labels = {code: results.networks[int(code)].name for code in trained}
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        split = choice("Split", list(SPLIT_WORDS), "split", default="test", labels=SPLIT_WORDS,
                       help=explain("validation", "test"))  # fmt: skip
        against = choice("Against", list(Against), "against", labels=_AGAINST_WORDS, help=explain("level cost"))
        what = choice("Values", [METRIC, GAIN], "values", labels=CELLS, help=explain("delta"))
    networks = several(
        "Networks", trained, _first_shown(results, trained), "networks", labels=labels,
        help=explain("virtual network"),
    )  # fmt: skip
    rivals = study.result(RivalResults)
    figure, spoken = _kept_figure(
        study.name, cached.version_of(study.name), tuple(map(int, networks)), against, split, what
    )
    with st.container(border=True):
        plotly_chart(figure, key="virtual-lines", alt=spoken)
    st.caption(
        f"{seeds_sentence(results.networks[int(trained[0])].gains[split], split)} "
        f"{'' if results.alone is None else _ALONE_WORDS}{steps_sentence(rivals)}"
    )
    if any(network.training == "sequence" for network in results.networks):
        st.caption("Networks that learn tasks in sequence make so many steps for each task.")
    _show_table(results, rivals, split)
    _show_matrix(results, study, split, what)
    _show_differences(results, split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _kept_figure(
    study: str,
    version: str,  # noqa: ARG001  # what the cache goes by
    networks: tuple[int, ...],
    against: Against,
    split: Split,
    what: str,
) -> tuple[go.Figure, str]:
    """Return the figure and its words, made once: a figure of panels takes longer to make than the rest of the page."""
    found = cached.study(study)
    results, rivals = found.result(VirtualResults), found.result(RivalResults)
    assert results is not None
    names = [task.name for task in results.tasks]
    lines = [task_lines(results, networks, rivals, task, against, split, what) for task in range(len(names))]
    return lines_figure(lines, names, against, what, metric_name(results)), _spoken(lines, names, against, what)


def metric_name(results: VirtualResults) -> str:
    """Return what the first metric of all tasks is called; of several, what they have in common."""
    names = {task.metrics[0].name for task in results.tasks}
    return names.pop() if len(names) == 1 else "first metric"


def _first_shown(results: VirtualResults, trained: list[str]) -> list[str]:
    """Return the networks that are shown at first: the first, and one common order, with which the ladder is lost."""
    common = [code for code in trained if results.networks[int(code)].rule == "common"]
    jointly = [code for code in trained if results.networks[int(code)].training == "jointly"] or trained
    return [code for code in trained if code in {jointly[0], *common[:1]}]


def lines_figure(lines: list[list[Line]], tasks: list[str], against: Against, what: str, metric: str) -> go.Figure:
    """Return one panel for each task: networks, levels trained alone and rivals over what they cost.

    Args:
        lines: Of each task.
        tasks: Names of the panels.
        against: What is drawn against.
        what: ``GAIN`` or ``METRIC``.
        metric: What the first metrics of the tasks are called.
    """
    lines, tasks = lines[:_MOST_PANELS], tasks[:_MOST_PANELS]
    n_columns = min(2 if len(tasks) in (2, 4) else 3, len(tasks))
    n_rows = math.ceil(len(tasks) / n_columns)
    figure = make_subplots(
        rows=n_rows, cols=n_columns, subplot_titles=[plotly_text(task[:36]) for task in tasks],
        horizontal_spacing=0.07, vertical_spacing=0.4 / n_rows,
    )  # fmt: skip
    styles = _styles(lines)
    for panel, of_task in enumerate(lines):
        row, column = panel // n_columns + 1, panel % n_columns + 1
        for line in of_task:
            figure.add_trace(_trace(line, against, what, styles[line.name], first=panel == 0), row=row, col=column)
    if what == GAIN:
        figure.add_hline(y=0, line_width=1, line_dash="dot", line_color=_ZERO)
    figure.update_xaxes(rangemode="tozero", title={"text": _AXIS[against], "font": {"size": 12}})
    if against is Against.MACS:
        figure.update_xaxes(tickformat="~s")
    figure.update_yaxes(title={"text": "Δ, %" if what == GAIN else metric, "font": {"size": 12}}, col=1)
    figure.update_layout(
        height=80 + 300 * n_rows, margin={"l": 10, "r": 10, "t": 30, "b": 10}, hovermode="closest",
        legend={"orientation": "h", "y": -0.22 / n_rows, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _styles(lines: list[list[Line]]) -> dict[str, dict[str, object]]:
    """Return colour, dash and mark of every name, the same in all panels."""
    kinds = {line.name: line.kind for of_task in lines for line in of_task}
    networks = [name for name, kind in kinds.items() if kind == "network"]
    rivals = [name for name, kind in kinds.items() if kind == "rival"]
    found: dict[str, dict[str, object]] = {}
    for name, kind in kinds.items():
        if kind == "alone":
            found[name] = {"color": _ALONE_COLOUR, "symbol": "circle-open", "dash": "dash"}
        elif kind == "network":
            place = networks.index(name)
            found[name] = {"color": _COLOURS[place % 6], "symbol": _SYMBOLS[place % 6], "dash": "solid"}
        else:
            place = rivals.index(name)
            found[name] = {"color": _COLOURS[(place + 3) % 6], "symbol": _RIVAL_SYMBOLS[place % 6], "dash": "solid"}
    return found


def _trace(line: Line, against: Against, what: str, style: dict[str, object], *, first: bool) -> go.Scatter:
    scale = 1000 if against is Against.BYTES else 1
    halves = [0.0 if math.isnan(mean.half) else mean.half for mean in line.means]
    names = [f"level {level}, " if line.kind != "rival" else "" for level in range(1, len(line.means) + 1)]
    return go.Scatter(
        x=[cost / scale for cost in line.costs], y=[mean.value for mean in line.means],
        name=plotly_text(line.name[:40]), legendgroup=line.name, showlegend=first,
        mode="markers" if line.kind == "rival" else "lines+markers",
        line={"color": style["color"], "dash": style["dash"], "width": 2},
        marker={"symbol": style["symbol"], "size": 8, "color": style["color"]},
        error_y={"array": halves, "visible": any(halves), "thickness": 1},
        customdata=[
            f"{name}{_cost_words(cost, against)}: {cell_words(mean, what)}"
            for name, cost, mean in zip(names, line.costs, line.means, strict=True)
        ],
        hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
    )  # fmt: skip


def _cost_words(cost: float, against: Against) -> str:
    if against is Against.DENSITY:
        return f"{cost:.3g} % of the weights"
    return amount(cost, Unit.BYTES) if against is Against.BYTES else f"{amount(cost, Unit.MACS)} MACs"


def _spoken(lines: list[list[Line]], tasks: list[str], against: Against, what: str) -> str:
    said = [
        f"{task}, {line.name}: "
        + ", ".join(
            f"{_cost_words(cost, against)} {cell_words(mean, what)}"
            for cost, mean in zip(line.costs, line.means, strict=True)
        )
        for task, of_task in zip(tasks, lines, strict=True)
        for line in of_task
    ]
    return f"{CELLS[what]} against {_AGAINST_WORDS[against]}. " + "; ".join(said)


def _show_table(results: VirtualResults, rivals: RivalResults | None, split: Split) -> None:
    fold = st.expander(
        "The figures as a table", icon=":material/table:", on_change="rerun", key="virtual-accuracy-table"
    )
    if not fold.open:
        return
    frame = accuracy_frame(results, rivals, split)
    number: Writer = lambda value: minus(f"{value:#.4g}".rstrip("."))  # noqa: E731
    with fold:
        show_written(
            with_interval_column(frame, "Δ", ("Δ low", "Δ high"), percent),
            {
                "Δ": percent,
                **dict.fromkeys(("value", "± value"), number),
                "bytes": lambda value: amount(value, Unit.BYTES),
                "MACs": lambda value: amount(value, Unit.MACS),
            },
            hide_index=True,
            alt="Gain, first metric and costs of every network, task and level",
        )
        csv_button("Levels as CSV", frame, "branchwise-virtual-accuracy.csv")


def _show_matrix(results: VirtualResults, study: Study, split: Split, what: str) -> None:
    st.header("Tasks × levels", anchor=False)
    network = results.networks[network_input(results)]
    times = shown_times(study, results.division)
    found = cells((network.gains if what == GAIN else network.values)[split])
    names = [
        f"{level + 1}" if times is None else f"{level + 1}: {times.milliseconds[level]:.3g} ms"
        for level in range(results.n_levels)
    ]
    tasks = [task.name for task in results.tasks]
    with st.container(border=True):
        plotly_chart(
            means_figure(found, tasks, [f"level {name}" for name in names], what), key="virtual-matrix",
            alt=spoken_means(found, tasks, [f"level {name}" for name in names], what),
        )  # fmt: skip
    show_timing(study, results.division, times)


def _show_differences(results: VirtualResults, split: Split) -> None:
    trained = [str(place) for place, network in enumerate(results.networks) if network.payloads]
    if len(trained) < 2:
        return
    st.header("How orders and trainings differ", anchor=False)
    labels = {code: results.networks[int(code)].name for code in trained}
    reference = int(
        listed_choice("Compared with", trained, "reference", labels=labels, help=explain("paired"), width=240)
    )
    frame = differences_frame(results, reference, split)
    show_written(frame, {}, hide_index=True, alt="Difference of mean Δ on each level, paired by seed")
    csv_button("Differences as CSV", frame, "branchwise-virtual-differences.csv")
    st.caption(
        f"Points of mean Δ over tasks, {SPLIT_WORDS[split].lower()}, network less “{labels[str(reference)]}”, seed by "
        "seed with 90 % intervals. Within noise: the interval holds 0."
    )
