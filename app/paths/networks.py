"""Trained networks side by side: orders, losses and rivals, with the coarse answers that fine ones imply."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.charts.plotly_text import plotly_text
from app.families.rivals.steps import steps_sentence
from app.paths.scores import COST_WORDS, ENDS, cost_column, networks_frame, value_writers
from app.ui.downloads import csv_button
from app.ui.formatting import amount, half_away, minus, percent, subtracting_digits
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.interval_column import with_interval_column
from app.ui.plotly import plotly_chart
from app.ui.seed_means import SPLIT_WORDS, Mean, seeds_sentence
from app.ui.url_state import choice
from app.ui.written_table import Writer, show_written
from core.costs import Unit
from core.families.multipath.results import MultiPathResults
from core.families.rivals.results import RivalResults
from core.runs.result import Split
from core.studies.study import Study

_ZERO, _BAR = "#7E8A8C", "#93A7AB"


def show_networks(results: MultiPathResults, study: Study) -> None:
    """Show every trained network and rival: mean Δ with its interval, and each task's first metric.

    Args:
        results: Of the multi-path networks.
        study: The study; rivals trained on the same data are shown, too.
    """
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        split = choice("Split", list(SPLIT_WORDS), "split", default="test", labels=SPLIT_WORDS,
                       help=explain("validation", "test"))  # fmt: skip
        unit = unit_input(study)
    rivals = study.result(RivalResults)
    frame = networks_frame(results, rivals, study.backbone, unit, split)
    with st.container(border=True):
        plotly_chart(networks_figure(frame, unit), key="paths-networks", alt=_spoken(frame, unit))
    # In two tables: one of all columns would be wider than the page.
    of_tasks = value_writers(frame, results.tasks)
    show_written(
        with_interval_column(frame.drop(columns=["loss", *of_tasks]), "mean Δ", ENDS, percent),
        {"mean Δ": percent, **dict.fromkeys(COST_WORDS.values(), lambda number: amount(number, unit))},
        hide_index=True,
        # All networks are compared with each other.
        height="content",
        placeholder="–",
        alt="Mean gain and cost of every trained network",
    )
    show_written(
        frame[["network", "loss", *of_tasks]],
        of_tasks,
        hide_index=True,
        height="content",
        placeholder="–",
        alt="What every network learns from, and its first metric of each task",
    )
    csv_button("Networks as CSV", frame, "branchwise-paths-networks.csv")
    gains = results.networks[0].gains[split]
    st.caption(
        f"{seeds_sentence(gains, split)} Metrics are means over seeds; costs are without heads. "
        f"{steps_sentence(rivals)} “Twice the labels” is the control for the larger loss of the additive mix."
    )
    _show_derived(results, split)


def networks_figure(frame: pd.DataFrame, unit: Unit) -> go.Figure:
    """Return the mean Δ of each network as a dot with its interval, and beside it a bar of its cost.

    Args:
        frame: Of ``networks_frame``; the bars are its first column of costs.
        unit: Of the costs.
    """
    shown = frame[frame["mean Δ"].notna()]
    names = [plotly_text(str(name)[:44]) for name in shown["network"]]
    rows = list(range(len(names)))
    middle = shown["mean Δ"].astype(float)
    high, low = (shown[end].astype(float).fillna(middle) for end in ("Δ high", "Δ low"))
    figure = go.Figure()
    figure.add_scatter(
        x=middle.tolist(), y=rows, mode="markers", marker={"size": 10}, showlegend=False,
        error_x={"array": (high - middle).tolist(), "arrayminus": (middle - low).tolist(), "thickness": 1.5},
        customdata=[
            f"{name}: {percent(float(value))}" for name, value in zip(names, middle.tolist(), strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_shape(
        type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line={"width": 1, "dash": "dot", "color": _ZERO}
    )
    cost = cost_column(frame)
    costs = shown[cost].astype(float).tolist()
    words = [_cost_words(each, unit) for each in costs]
    figure.add_bar(
        x=costs, y=rows, orientation="h", xaxis="x2", width=0.5, text=words, textposition="outside", cliponaxis=False,
        showlegend=False, marker={"color": _BAR},
        customdata=[f"{name}: {each}" for name, each in zip(names, words, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    most = max((each for each in costs if each == each), default=0.0)
    figure.update_layout(
        height=70 + 30 * len(rows), margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": "mean Δ against single-task networks, %", "domain": [0, 0.66]},
        xaxis2={"title": cost, "domain": [0.7, 1], "range": [0, 1.35 * most or 1], "showticklabels": False,
                "showgrid": False, "zeroline": False},
        yaxis={"tickvals": rows, "ticktext": names, "autorange": "reversed", "showgrid": False, "zeroline": False},
    )  # fmt: skip
    return figure


def derived_frame(results: MultiPathResults, split: Split) -> pd.DataFrame:
    """Return, for each coarse level of a hierarchy, its own exit's accuracy beside that read off the fine answer."""
    numbers = {task.name: t for t, task in enumerate(results.tasks)}
    rows = []
    for network in results.networks:
        for (coarse, fine), shares in network.derived.get(split, {}).items():
            own, derived = network.values[split][:, numbers[coarse]], Mean.of(shares)
            rows.append(
                {
                    "network": network.name, "coarse task": coarse, "its own exit": 100 * Mean.of(own).value,
                    "read off": fine, "derived": 100 * derived.value, "difference": 100 * Mean.of(shares - own).value,
                    "± difference": 100 * Mean.of(shares - own).half,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _show_derived(results: MultiPathResults, split: Split) -> None:
    frame = derived_frame(results, split)
    if frame.empty:
        return
    st.header("Coarse answers that the fine answer implies", anchor=False)
    digits = subtracting_digits(zip(frame["derived"], frame["its own exit"], strict=True))
    plain: Writer = lambda value: f"{half_away(value):.{digits}f} %"  # noqa: E731
    signed: Writer = lambda value: minus(f"{half_away(value):+.{digits}f}")  # noqa: E731
    half: Writer = lambda value: f"{value:.{digits}f}"  # noqa: E731
    show_written(
        frame,
        {"its own exit": plain, "derived": plain, "difference": signed, "± difference": half},
        hide_index=True,
        alt="Accuracy of coarse tasks at their own exit and read off the fine task's answer",
    )
    csv_button("Derived answers as CSV", frame, "branchwise-paths-derived.csv")
    st.caption("The baseline of a hierarchy: the deepest exit alone, whose fine answer also gives the coarse ones.")


def _cost_words(cost: float, unit: Unit) -> str:
    return "–" if cost != cost else amount(cost, unit)


def _spoken(frame: pd.DataFrame, unit: Unit) -> str:
    cost = cost_column(frame)
    return f"Mean Δ and {cost} of every network: " + "; ".join(
        f"{name} {percent(float(value))}, {_cost_words(float(price), unit)}"
        for name, value, price in zip(frame["network"], frame["mean Δ"], frame[cost], strict=True)
        if value is not None
    )
