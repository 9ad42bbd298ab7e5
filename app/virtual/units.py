"""Which units each level has, which pieces that makes, and what they learn."""

import streamlit as st

from app.components.unit_grid import grid_data, unit_grid
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import amount, escape
from app.ui.glossary import explain
from app.ui.page_url import keep, kept
from app.ui.unread_address import refuse
from app.ui.written_table import show_written
from app.virtual.controls import units_input
from app.virtual.paper_figure import paper_menu
from app.virtual.units_model import (
    UnitsView,
    bar_words,
    level_sentence,
    levels_frame,
    quadratic_sentence,
    totals_frame,
    totals_sentence,
)
from core.costs import Unit
from core.studies.study import Study

KEY, TASK, LEVEL = "unit_grid", "unit_task", "level"


def show_units(study: Study) -> None:
    """Show the units of every task with a movable level, and the tables of what it says."""
    view = units_input(study)
    task, level = shown(view)
    unit_grid(key=KEY, data=figure_data(view, task, level, study.name), on_shown=lambda: moved(view))
    st.caption(escape(f"{totals_sentence(view)} {quadratic_sentence(view)}"), help=explain("gradient totals"))
    if view.payload is None:
        st.caption(
            "Bytes, norms, heads and multiply-accumulates are counted once a network with these units is trained."
        )
    _show_tables(view)
    paper_menu(view, study)


def shown(view: UnitsView) -> tuple[int, int]:
    """Return the task and level that are shown at first, as the address has them, from 0."""
    return _within(TASK, len(view.tasks), 0), _within(LEVEL, view.n_levels, 0)


def _within(name: str, n: int, usual: int) -> int:
    text = kept(name)
    fits = text.isascii() and text.isdecimal() and len(text) < 4 and int(text) < n
    found = int(text) if fits else usual
    keep(name, "" if found == usual else str(found))
    if not fits:
        refuse(name, f"a number from 0 to {n - 1}", str(usual))
    return found


def moved(view: UnitsView) -> None:
    """Set task and level as they were chosen in the drawing; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "shown", None)
    if not isinstance(value, list) or len(value) != 2:
        return
    bounds = (range(len(view.tasks)), range(view.n_levels))
    for each, allowed in zip(value, bounds, strict=True):
        if isinstance(each, bool) or not isinstance(each, int | float) or each not in allowed:
            return
    for name, each in zip((TASK, LEVEL), value, strict=True):
        st.session_state[name] = str(int(each)) if each else ""


def figure_data(view: UnitsView, task: int, level: int, name: str) -> dict[str, object]:
    """Return the data that the browser draws.

    Args:
        view: The orders.
        task: The one whose pieces are filled.
        level: From 0.
        name: Of the study.
    """
    levels = range(view.n_levels)
    return grid_data(
        tasks=view.tasks,
        orders=view.orders,
        totals=view.totals,
        widths=view.widths,
        densities=view.densities,
        bars=[bar_words(view, each) for each in levels],
        sentences=[[level_sentence(view, t, each) for each in levels] for t in range(len(view.tasks))],
        task=task,
        level=level,
        filename=f"branchwise-virtual-units-{file_stem(name)}",
    )


def _show_tables(view: UnitsView) -> None:
    fold = st.expander("Every level as a table", icon=":material/table:", on_change="rerun", key="virtual-levels-table")
    if not fold.open:
        return
    frame = levels_frame(view)
    number = dict.fromkeys(("shared weights", "norms and biases", "head"), lambda value: amount(value, Unit.PARAMETERS))
    with fold:
        show_written(
            frame,
            {
                **dict.fromkeys(("channels", "weights"), lambda value: f"{value:.1f} %"),
                **number,
                **dict.fromkeys(("bytes", "more weights than below, bytes"), lambda value: amount(value, Unit.BYTES)),
                "MACs": lambda value: amount(value, Unit.MACS),
            },
            hide_index=True,
            alt="Units, pieces and sizes of every task's levels",
        )
        csv_button("Levels as CSV", frame, "branchwise-virtual-levels.csv")
        totals = totals_frame(view)
        show_written(totals, {}, hide_index=True, alt="How many levels of tasks learn each piece")
        csv_button("Pieces as CSV", totals, "branchwise-virtual-pieces.csv")
