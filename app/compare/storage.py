"""Storage over tasks: what every family stores for the first 1 … T tasks, beside the gain of its whole network."""

from collections.abc import Sequence
from html import escape as escape_xml

import pandas as pd
import streamlit as st

from app.charts import svg
from app.compare.family_marks import family_mark, family_words, mark_shape, placed_words
from app.compare.model import CompareView
from app.compare.words import interval_words
from app.components.drawing import drawing
from app.families.network_words import network_words
from app.ui.downloads import csv_button
from app.ui.formatting import amount, escape, minus, percent
from app.ui.written_table import Writer, show_written
from core.costs import CostQuestion, Unit
from core.plane.storage import StorageCurve

_WIDTH, _ROW = 860.0, 19.0
_LEFT, _RIGHT, _TOP, _FLOOR = 74.0, 846.0, 20.0, 256.0
_MARK = 5.0
# Long names end early, so that the numbers fit beside them.
_COLUMNS = {"family": st.column_config.Column(width=160), "network": st.column_config.Column(width=210)}


def show_storage(view: CompareView) -> None:
    """Show the sizes of all families as curves and as a table, and which families have none."""
    curves, study = view.plane.storage, view.study
    unit = view.unit if view.question is CostQuestion.STORED else Unit.PARAMETERS
    if not curves:
        st.info("No family of this study has a size for fewer than all tasks.", icon=":material/info:")
        return
    st.caption(
        f"Stored {unit} for the first 1 to {study.n_tasks} tasks, in the study's order, heads not counted. Sizes for "
        "fewer than all tasks follow from how a network is built and need no training; gains are those of the network "
        "of all tasks, mean Δ with equal weights, test split."
    )
    drawing(
        storage_svg(curves, unit, study.task_names), key="storage-over-tasks",
        saved_as=f"branchwise-{study.name}-storage-over-tasks",
    )  # fmt: skip
    frame = storage_frame(curves, unit)
    writers: dict[str, Writer] = {"gain Δ": percent}
    for k in range(1, study.n_tasks + 1):
        writers[f"k = {k}"] = lambda value: amount(value, unit)
    shown = frame.drop(columns=["low", "high"])
    show_written(shown, writers, hide_index=True, alt="Stored size for the first k tasks", column_config=dict(_COLUMNS))
    csv_button("Storage over tasks as CSV", frame, f"branchwise-{study.name}-storage-over-tasks.csv")
    _show_measured(view, curves, unit)
    missing = "; ".join(f"{family_words(name)} ({reason})" for name, reason in view.plane.without_storage.items())
    if missing:
        st.caption(escape(f"Not drawn: {missing}."))


def _show_measured(view: CompareView, curves: Sequence[StorageCurve], unit: Unit) -> None:
    """Show what is saved beside what is gained, for the numbers of tasks that networks were trained for."""
    frame = measured_frame(curves, unit)
    if frame.empty:
        return
    st.markdown("**What is saved, and what it costs in gain**")
    st.caption(
        "Networks that were trained for the first k tasks alone: what they store less than k single-task networks, "
        "heads not counted, and their mean Δ over these k tasks, equal weights, test split. A TreeDNN of k branches "
        "saves (k − 1) times its trunk. Other numbers of tasks are not listed: no network was trained for those tasks "
        "alone, and a gain can't be computed from the network of all tasks."
    )
    writers: dict[str, Writer] = {
        "stored": lambda value: amount(value, unit),
        "saved": lambda value: minus(f"{value:.0f} %"),
        "gain Δ": percent,
    }
    shown = frame.drop(columns=["low", "high"])
    show_written(
        shown, writers, hide_index=True, alt="What is saved and gained for the first k tasks",
        column_config=dict(_COLUMNS),
    )  # fmt: skip
    csv_button("Saved and gained as CSV", frame, f"branchwise-{view.study.name}-saved-and-gained.csv")


def measured_frame(curves: Sequence[StorageCurve], unit: Unit) -> pd.DataFrame:
    """Return one row for each measured network of the first k tasks, k from 2: stored, saved and gained."""
    single = next((curve for curve in curves if curve.family == "single"), None)
    rows = []
    for curve in curves if single is not None else ():
        if curve is single:
            continue
        assert single is not None
        for k, found in sorted(curve.first.items()):
            if k < 2:
                continue
            stored, alone = curve.sizes(unit)[k - 1], single.sizes(unit)[k - 1]
            low, high = found.interval or (None, None)
            rows.append(
                {
                    "family": family_words(curve.family),
                    "network": curve_words(curve),
                    "k": k,
                    "stored": stored,
                    "saved": 100 * (1 - stored / alone),
                    "gain Δ": found.gain,
                    "90 % interval": interval_words(found.interval).removeprefix("90 % interval "),
                    "seeds": found.n_seeds,
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)


def storage_frame(curves: Sequence[StorageCurve], unit: Unit) -> pd.DataFrame:
    """Return one row for each curve: what is stored for k tasks, and the measured gain of the whole network."""
    rows = []
    for curve in curves:
        point = curve.measured
        low, high = _interval(curve) or (None, None)
        row: dict[str, object] = {"family": family_words(curve.family), "network": curve_words(curve)}
        row |= {f"k = {k}": size for k, size in enumerate(curve.sizes(unit), start=1)}
        row["gain Δ"] = None if point is None else point.gain
        row["90 % interval"] = gain_interval(curve)
        rows.append(row | {"low": low, "high": high})
    return pd.DataFrame(rows)


def curve_words(curve: StorageCurve) -> str:
    """Return what is stored, in words."""
    if curve.measured is None or curve.label == "fully shared":
        return curve.label
    name = network_words(curve.measured)
    return f"best measured: {name}" if curve.label.startswith("best measured") else name


def gain_interval(curve: StorageCurve) -> str:
    """Return the interval of a curve's gain in words."""
    if curve.measured is None:
        return "not trained"
    if curve.family == "single":
        return "by definition"
    return interval_words(_interval(curve)).removeprefix("90 % interval ")


def _interval(curve: StorageCurve) -> tuple[float, float] | None:
    """Return the interval of the gain of all tasks from its own seeds, as everywhere on this page."""
    found = curve.first.get(len(curve.params))
    return None if found is None else found.interval


def storage_svg(curves: Sequence[StorageCurve], unit: Unit, tasks: Sequence[str]) -> str:
    """Return the curves: tasks from left to right, what is stored from bottom to top.

    Args:
        curves: Of all families.
        unit: Parameters or bytes.
        tasks: Names, in the study's order.
    """
    n_tasks, most = len(tasks), max(max(curve.sizes(unit)) for curve in curves)
    step = (_RIGHT - _LEFT - 40) / max(n_tasks - 1, 1)
    scale = (_FLOOR - _TOP) / (1.05 * most)
    body = ""
    for value in svg.ticks(0.0, 1.05 * most, 5):
        y = _FLOOR - scale * value
        body += svg.tag("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, stroke=svg.LINE, stroke_width=1)
        body += svg.text(_LEFT - 8, y + 4, amount(value, unit) if value else "0", anchor="end", fill=svg.MUTED)
    for place, name in enumerate(tasks):
        if n_tasks <= 8 or place % 5 == 4:
            words = f"{place + 1}: + {svg.shortened(name, 14)}" if place else f"1: {svg.shortened(name, 14)}"
            words = words if n_tasks <= 8 else str(place + 1)
            body += svg.text(_LEFT + 20 + step * place, _FLOOR + 20, words, anchor="middle", fill=svg.MUTED, size=12.5)
    for curve in curves:
        style = family_mark(curve.family)
        spots = [(_LEFT + 20 + step * place, _FLOOR - scale * size) for place, size in enumerate(curve.sizes(unit))]
        title = svg.tag("title", escape_xml(f"{style.words}: {curve_words(curve)}"))
        line = svg.tag("path", d=svg.path(spots), fill="none", stroke=style.colour, stroke_width=2)
        marks = "".join(
            mark_shape(style.shape, x, y, _MARK, fill="var(--bw-card)", stroke=style.colour, stroke_width=1.8)
            for x, y in spots
        )
        body += svg.tag("g", title + line + marks, class_="curve")
    styles = [family_mark(family) for family in dict.fromkeys(curve.family for curve in curves)]
    places = placed_words([style.words for style in styles], _LEFT, _RIGHT)
    for style, (x, row) in zip(styles, places, strict=True):
        y = _FLOOR + 54 + _ROW * row
        body += mark_shape(style.shape, x + 5, y - 4, _MARK, fill=style.colour)
        body += svg.text(x + 16, y, style.words, fill=svg.MUTED, size=12)
    said = "; ".join(f"{family_words(curve.family)}: {amount(curve.sizes(unit)[-1], unit)}" for curve in curves)
    height = _FLOOR + 74 + _ROW * places[-1][1]
    return svg.canvas(_WIDTH, height, body, f"Stored {unit} for 1 to {n_tasks} tasks. For all of them {said}")
