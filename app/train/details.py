"""One run: its losses while it is trained, its metrics afterwards, and its log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import pandas as pd
import streamlit as st

from app.families.labels import run_words
from app.train.confusion import show_confusion
from app.train.model import metric_rows
from app.ui import cached
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.page_frame import show_errors
from app.ui.time_zone import visitor_zone
from core.errors import BranchwiseError
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.states import ACTIVE, JobState
from core.runs.result import CurvePoint
from core.studies.database import Database
from core.tasks import Task

_CURVE_HEIGHT = 250
# Thousands apart as everywhere else.
_STEP_AXIS = {"grid": False, "labelExpr": "replace(format(datum.value, ','), /,/g, '\u202f')"}
_COLOURS: dict[JobState, Literal["green", "red", "blue", "orange"]] = {
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.DAMAGED: "red",
    JobState.RUNNING: "blue",
    JobState.SKIPPED: "orange",
}


def show_details(database: Database, line: JobLine) -> None:
    """Show one run.

    Args:
        database: Where it is.
        line: The run.
    """
    reader = JobsReader(database)
    with st.container(border=True), show_errors():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escape(run_words(line.label))}**", width="content")
            st.badge(line.state.value, color=_COLOURS.get(line.state, "gray"))
        st.caption(_summary(line))
        left, right = st.columns([3, 2])
        with left:
            _curve(reader.curve(line.key), line)
        with right:
            _metrics(reader, line)
        _log(reader.log(line.key))


def _summary(line: JobLine) -> str:
    kept = " Weights are saved." if line.has_weights else ""
    attempt = f" Attempt {line.attempt}." if line.attempt > 1 else ""
    return escape(f"{line.sentence}{kept}{attempt}")


def _curve(curve: Sequence[CurvePoint], line: JobLine) -> None:
    if len(curve) < 2:
        st.caption(_too_short(curve, line))
        return
    rows = [{"step": point.step, "task": task, "loss": loss} for point in curve for task, loss in point.losses.items()]
    tasks = sorted({task for point in curve for task in point.losses})
    st.vega_lite_chart(
        pd.DataFrame(rows),
        {
            "height": _CURVE_HEIGHT,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "step", "type": "quantitative", "title": "step", "axis": _STEP_AXIS},
                "y": {"field": "loss", "type": "quantitative", "title": "training loss", "scale": {"zero": False}},
                "color": {
                    "field": "task",
                    "type": "nominal",
                    "title": None,
                    "legend": {"orient": "top"} if len(tasks) > 1 else None,
                },
                "tooltip": [{"field": name} for name in ("task", "step", "loss")],
            },
        },
        key="losses",
        alt=f"Training loss over {curve[-1].step} steps; last: "
        + ", ".join(f"{task} {loss:.3g}" for task, loss in curve[-1].losses.items()),
    )


def _too_short(curve: Sequence[CurvePoint], line: JobLine) -> str:
    if line.state in ACTIVE:
        return "The losses appear here shortly after the run starts."
    if not curve:
        done = line.state is JobState.DONE
        return "A measurement has no training curve; its result is in the table." if done else "No losses recorded."
    losses = ", ".join(f"{task} {loss:.3g}" for task, loss in curve[0].losses.items())
    return escape(f"Too short for a curve. Training loss after {curve[0].step} steps: {losses}.")


def _metrics(reader: JobsReader, line: JobLine) -> None:
    result = reader.result(line.key)
    rows = [] if result is None else metric_rows(result, _tasks(line.study))
    if result is None or not rows:
        if line.state in ACTIVE:
            st.caption("The metrics appear here when the run is done.")
        else:
            is_done = line.state is JobState.DONE
            st.caption("The run finished without metrics." if is_done else "No metrics: the run did not finish.")
        return
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=min(38 + 35 * len(rows), _CURVE_HEIGHT),
        column_config={name: st.column_config.NumberColumn(format="%.3g") for name in ("validation", "test")},
        alt="Metrics of the run on validation and test",
    )
    show_confusion(result, _tasks(line.study))
    environment = result.environment
    st.caption(
        escape(f"{result.seconds:.0f} s of training on {environment.machine or environment.device}."),
        help=explain("validation", "test"),
    )


def _tasks(study: str) -> Sequence[Task]:
    try:
        return cached.study(study).tasks
    except BranchwiseError:
        return ()  # deleted; the metrics are shown without directions


def _log(lines: Sequence[tuple[float, str]]) -> None:
    if not lines:
        return
    zone = visitor_zone()
    lines_shown = [f"{datetime.fromtimestamp(when, zone):%H:%M:%S}  {sentence}" for when, sentence in lines]
    with st.expander(f"Log, {len(lines)} line{'' if len(lines) == 1 else 's'}", icon=":material/notes:"):
        st.code("\n".join(lines_shown), language=None)
