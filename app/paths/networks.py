"""Trained networks side by side: orders, losses and rivals, with the coarse answers that fine ones imply."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.charts.plotly_text import plotly_text
from app.paths.scores import COST_WORDS, SPLIT_WORDS, Mean, networks_frame, seeds_sentence, value_column
from app.ui.downloads import csv_button
from app.ui.formatting import amount, half_away, minus, percent, subtracting_digits
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.url_state import choice
from app.ui.written_table import Writer, show_written
from core.families.multipath.results import MultiPathResults
from core.families.rivals.results import RivalResults
from core.runs.result import Split
from core.studies.study import Study


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
    frame = networks_frame(results, study.result(RivalResults), study.backbone, unit, split)
    with st.container(border=True):
        st.plotly_chart(networks_figure(frame), key="paths-networks", alt=_spoken(frame))
    value: Writer = lambda number: minus(f"{number:.4g}")  # noqa: E731
    show_written(
        frame,
        {
            **dict.fromkeys(("mean Δ", "Δ low", "Δ high"), percent),
            **dict.fromkeys(map(value_column, results.tasks), value),
            **dict.fromkeys(COST_WORDS.values(), lambda number: amount(number, unit)),
        },
        hide_index=True,
        # All networks are compared with each other.
        height="content",
        placeholder="–",
        alt="Mean gain and first metrics of every trained network",
    )
    csv_button("Networks as CSV", frame, "branchwise-paths-networks.csv")
    gains = results.networks[0].gains[split]
    st.caption(
        f"{seeds_sentence(gains, split)} Metrics are means over seeds; costs are without heads. Equal steps and passes "
        "for all. “Twice the loss” is the control for the larger loss of the additive mix."
    )
    _show_derived(results, split)


def networks_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the mean Δ of each network as a dot with its interval, in the order of the table."""
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
    figure.add_vline(x=0, line_width=1, line_dash="dot", line_color="#7E8A8C")
    figure.update_layout(
        height=70 + 30 * len(rows), margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": "mean Δ against single-task networks, %"},
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
    st.subheader("Coarse answers that the fine answer implies", anchor=False)
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


def _spoken(frame: pd.DataFrame) -> str:
    return "Mean Δ of every network: " + "; ".join(
        f"{name} {percent(float(value))}"
        for name, value in zip(frame["network"], frame["mean Δ"], strict=True)
        if value is not None
    )
