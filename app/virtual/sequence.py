"""Tasks that are learned one after another: what earlier ones keep."""

import math

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app.charts.means_map import METRIC, cell_words
from app.charts.plotly_text import plotly_text
from app.ui import cached
from app.ui.downloads import csv_button
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.plotly import plotly_chart
from app.ui.seed_means import SPLIT_WORDS, seeds_sentence
from app.ui.url_state import choice, listed_choice
from app.ui.written_table import show_written
from app.virtual.accuracy import metric_name
from app.virtual.sequence_model import (
    Held,
    all_held,
    lost_sentence,
    sequence_frame,
    sequence_numbers,
    sequences,
    titled,
)
from core.families.rivals.results import RivalResults
from core.families.virtual.results import VirtualResults
from core.runs.result import Split
from core.studies.study import Study

_COLOURS = ("#2A9A83", "#D2691E", "#4C84D6", "#9A6FC4", "#A68A1A", "#CC5C80")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star")
_MOST_PANELS = 8


def show_sequence(results: VirtualResults, study: Study) -> None:
    """Show what each task reached in its turn and after later ones.

    Args:
        results: With a trained network.
        study: The study; its rivals that learn one task after another are shown, too.
    """
    rivals = study.result(RivalResults)
    networks = sequences(results)
    if not networks:
        st.info(
            "No network of this study that learns its tasks in sequence is trained. A study file requests one with "
            '`training = "sequence"` in `[[virtual.networks]]`; two, one of them with `distillation = 0`, show what '
            "distillation holds.",
            icon=":material/info:",
        )
        return
    levels = [str(level) for level in reversed(range(results.n_levels))]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        split = choice("Split", list(SPLIT_WORDS), "split", default="test", labels=SPLIT_WORDS,
                       help=explain("validation", "test"))  # fmt: skip
        level = int(
            listed_choice(
                "Level", levels, "sequence_level", width=150,
                labels={code: f"{int(code) + 1} of {results.n_levels}" for code in levels},
                help=explain("order of units"),
            )
        )  # fmt: skip
    st.markdown(escape(lost_sentence(results, level, split)))
    figure, spoken = _kept_figure(study.name, cached.version_of(study.name), level, split)
    with st.container(border=True):
        plotly_chart(figure, key="virtual-stages", alt=spoken)
    frame = sequence_frame(results, rivals, level, split)
    show_written(
        frame,
        {},
        hide_index=True,
        height="content",
        alt="First metric of each task in its turn and at the end",
    )
    csv_button(
        "Sequence as CSV",
        sequence_numbers(results, rivals, level, split),
        f"branchwise-{study.name}-sequence-level-{level + 1}.csv",
    )
    st.caption(
        f"{seeds_sentence(networks[0].stages[split][:, -1, :, level], split)} Changes are in hundredths of the metric, "
        "paired by seed. Each task is learned without the data of those before it; distillation holds what the network "
        "answered for them on the new task's pictures. Published methods have no levels: theirs is the whole network.",
        help=explain("held answers"),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _kept_figure(
    study: str,
    version: str,  # noqa: ARG001  # what the cache goes by
    level: int,
    split: Split,
) -> tuple[go.Figure, str]:
    """Return the figure and its words, made once."""
    found = cached.study(study)
    results = found.result(VirtualResults)
    assert results is not None
    held = all_held(results, found.result(RivalResults), level, split)
    names = [task.name for task in results.tasks]
    return stages_figure(held, names, metric_name(results)), _spoken(held, names)


def stages_figure(found: list[list[Held]], tasks: list[str], metric: str) -> go.Figure:
    """Return one panel for each network: a line for each task from its turn to the end.

    Args:
        found: Of each network, of each task.
        tasks: Names.
        metric: What the first metrics of the tasks are called.
    """
    found = found[:_MOST_PANELS]
    n_columns = min(2, len(found))
    n_rows = math.ceil(len(found) / n_columns)
    titles = [plotly_text(titled(each[0].network, each[0].distilled)[:52]) for each in found]
    figure = make_subplots(
        rows=n_rows, cols=n_columns, subplot_titles=titles, horizontal_spacing=0.08, vertical_spacing=0.4 / n_rows,
        shared_yaxes="all",
    )  # fmt: skip
    for panel, of_network in enumerate(found):
        for each in of_network:
            turns = list(range(each.task, each.task + len(each.stages)))
            halves = [0.0 if math.isnan(mean.half) else mean.half for mean in each.stages]
            colour = _COLOURS[each.task % len(_COLOURS)]
            figure.add_trace(
                go.Scatter(
                    x=turns, y=[mean.value for mean in each.stages], name=plotly_text(tasks[each.task][:40]),
                    legendgroup=str(each.task), showlegend=panel == 0, mode="lines+markers",
                    line={"color": colour, "width": 2},
                    marker={"symbol": _SYMBOLS[each.task % len(_SYMBOLS)], "size": 9, "color": colour},
                    error_y={"array": halves, "visible": any(halves), "thickness": 1},
                    customdata=[
                        f"after {plotly_text(tasks[turn])}: {cell_words(mean, METRIC)}"
                        for turn, mean in zip(turns, each.stages, strict=True)
                    ],
                    hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
                ),
                row=panel // n_columns + 1, col=panel % n_columns + 1,
            )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(tasks))), ticktext=[plotly_text(name[:16]) for name in tasks],
        title={"text": "after learning", "font": {"size": 12}},
    )  # fmt: skip
    figure.update_yaxes(title={"text": metric, "font": {"size": 12}}, col=1)
    figure.update_layout(
        height=90 + 290 * n_rows, margin={"l": 10, "r": 10, "t": 30, "b": 10}, hovermode="closest",
        legend={"orientation": "h", "y": -0.25 / n_rows, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _spoken(found: list[list[Held]], tasks: list[str]) -> str:
    return "First metric of each task from its turn to the end. " + "; ".join(
        f"{each.network}, {tasks[each.task]}: {', '.join(cell_words(mean, METRIC) for mean in each.stages)}"
        for of_network in found
        for each in of_network
    )
