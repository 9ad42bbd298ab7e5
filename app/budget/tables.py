"""The layouts of the Budget page as tables."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

import pandas as pd
import streamlit as st

from app.plane.scene import Scene
from app.plane.task_columns import task_columns, task_names, with_interval
from app.ui import state
from app.ui.downloads import frame_csv
from app.ui.formatting import UNIT_WORDS, amount, cost_share, percent
from app.ui.layout_words import layout_sentence
from app.ui.presenting import is_presenting
from app.ui.url_state import choice
from app.ui.written_table import WHOLE, Writer, row_height, sentence_width, show_written, written_once
from core.layouts import Layout

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler
    from streamlit.elements.lib.column_types import ColumnConfig

_ROWS = 10
_TABLE = "top_layouts"
# Which columns: all are wider than a small screen, and wider than any where there are many tasks.
_FEW, _TASKS, _ALL = "few", "tasks", "all"
_COLUMNS = {_FEW: "Gain and cost", _TASKS: "Gain of each task", _ALL: "All columns"}


def layouts_frame(scene: Scene, layouts: Sequence[Layout]) -> pd.DataFrame:
    """Return one row per layout: predicted and measured gain, gain of each task, and costs."""
    view, rows = scene.view, []
    for layout in layouts:
        known = view.figures(layout)
        real = scene.trained.figures(layout) if scene.trained else None
        rows.append(
            {
                "layout": layout_sentence(layout, view.tasks),
                "predicted gain Δ": known.score,
                "low": known.score_low if known.has_interval else None,
                "high": known.score_high if known.has_interval else None,
                "measured gain Δ": None if real is None else real.score,
                "share": 100 * view.fraction(view.cost(layout)),
                UNIT_WORDS[view.unit].lower(): view.cost(layout),
                **task_columns(view.tasks, known),
                "text form": layout.to_text(view.tasks),
            }
        )
    frame = pd.DataFrame(rows)
    return frame if scene.trained else frame.drop(columns="measured gain Δ", errors="ignore")


def shown_frame(scene: Scene, layouts: Sequence[Layout]) -> pd.DataFrame:
    """Return the same as the screen shows it: interval and tasks of the gain that the plane shows, and no text form."""
    frame, shown = layouts_frame(scene, layouts), [scene.figures(layout) for layout in layouts]
    for place, task in enumerate(scene.view.tasks):
        frame[f"Δ {task}"] = [float(known.estimates[place]) for known in shown]
    gains = [f"Δ {task}" for task in scene.view.tasks]
    ends = [name for name in task_names(scene.view.tasks) if name not in gains]
    order = ["layout", "predicted gain Δ"]
    if "measured gain Δ" in frame:
        order.insert(1 if scene.trained_shown else 2, "measured gain Δ")
    if scene.knows_noise:
        frame["90 % interval"] = [
            f"{percent(known.score_low)} to {percent(known.score_high)}" if known.has_interval else "–"
            for known in shown
        ]
        order.insert(2, "90 % interval")
    rest = [name for name in frame if name not in (*order, "low", "high", "text form", *ends)]
    return frame[[*order, *rest]]


def tasks_frame(scene: Scene, frame: pd.DataFrame, layouts: Sequence[Layout]) -> pd.DataFrame:
    """Return of ``shown_frame`` the layouts with the gain that ranks them and the gain of each task with interval."""
    ranked, shown = "measured gain Δ" if scene.trained_shown else "predicted gain Δ", map(scene.figures, layouts)
    columns = [f"Δ {task}" for task in scene.view.tasks]
    found = frame[["layout", ranked, *columns]]
    if not scene.knows_noise:
        return found
    rows = [
        [with_interval(*ends) for ends in zip(known.estimates, known.low, known.high, strict=True)] for known in shown
    ]
    return found.assign(**{column: list(texts) for column, texts in zip(columns, zip(*rows, strict=True), strict=True)})


def show_top(scene: Scene, budget: float) -> None:
    """Show the best layouts within the budget; choosing a row selects that layout."""
    shown = _columns_input()
    top, table, options = _top(scene, budget, shown, _presented=is_presenting())
    kind = "measured" if scene.trained and scene.trained_shown else "predicted"
    st.caption(f"Layouts with the best {kind} gain within the budget. Select a row to show its tree. {scene.basis}")
    st.dataframe(
        table,
        **options,
        height="content",
        key=_TABLE,
        on_select=lambda: _row_chosen(top),
        selection_mode="single-row",
        placeholder="–",
        alt=f"The layouts with the best {kind} gain within the budget",
    )


def _columns_input() -> str:
    """Ask which columns a table of layouts has."""
    return choice("Columns", list(_COLUMNS), "columns", labels=_COLUMNS, labelled=False)


def _with_columns(which: str, scene: Scene, frame: pd.DataFrame, layouts: Sequence[Layout]) -> pd.DataFrame:
    """Return of ``shown_frame`` the columns that were chosen."""
    if which == _TASKS:
        return tasks_frame(scene, frame, layouts)
    return frame if which == _ALL else frame.loc[:, :"share"]


# Where it is presented, its columns and rows are larger.
@lru_cache(maxsize=64)
def _top(scene: Scene, budget: float, shown: str, *, _presented: bool) -> "tuple[list[Layout], Styler, Columns]":
    top = scene.top(budget, _ROWS)
    frame = _with_columns(shown, scene, shown_frame(scene, top), top)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
    # Gains with their intervals are text already.
    number = pd.api.types.is_numeric_dtype
    writing = {name: how for name, how in writers(scene).items() if name in frame and number(frame[name])}
    return top, written_once(frame, writing), columns(frame)


def show_front(scene: Scene) -> None:
    """Show the Pareto front as a table and offer it as a file."""
    front = [choice.layout for choice in scene.front]
    frame = layouts_frame(scene, front)
    shown = _with_columns(_columns_input(), scene, shown_frame(scene, front), front)
    st.caption(scene.basis)
    show_written(
        shown,
        writers(scene),
        hide_index=True,
        height="content" if len(front) <= WHOLE else 640,
        **columns(shown),
        placeholder="–",
        alt="Every layout of the Pareto front",
    )
    st.download_button(
        "Pareto front as CSV",
        frame_csv(frame),
        file_name=f"branchwise-{scene.view.study.name}-front.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


class Columns(TypedDict):
    """Options of ``st.dataframe``."""

    column_config: "dict[str, ColumnConfig]"
    row_height: int | None


def columns(frame: pd.DataFrame) -> Columns:
    """Return the titles, widths and row height of a table of layouts."""
    width = sentence_width(frame["layout"])
    config: dict[str, ColumnConfig] = {
        # What a row is stays in sight where its columns are scrolled.
        "layout": st.column_config.TextColumn(width=width, pinned=True),
        "predicted gain Δ": st.column_config.NumberColumn("predicted Δ"),
        "measured gain Δ": st.column_config.NumberColumn("measured Δ"),
        "share": st.column_config.NumberColumn("cost", help="Share of single-task networks"),
        "macs": st.column_config.NumberColumn("MACs"),
    }
    return {"column_config": config, "row_height": row_height(frame["layout"], width)}


def writers(scene: Scene) -> dict[str, Writer]:
    """Return how the numbers of a table of layouts are written."""
    view = scene.view
    gains = ("predicted gain Δ", "measured gain Δ", "low", "high", *task_names(view.tasks))
    return {
        "share": lambda value: cost_share(value / 100),
        UNIT_WORDS[view.unit].lower(): lambda value: amount(value, view.unit),
        **dict.fromkeys(gains, percent),
    }


def _row_chosen(layouts: Sequence[Layout]) -> None:
    chosen = st.session_state.get(_TABLE)
    rows = chosen.selection.rows if chosen is not None else []
    if rows and 0 <= rows[0] < len(layouts):
        state.select(layouts[rows[0]])
