"""The recommended layout: its tree, its gain and cost, and the reasons."""

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from app.charts.bars import bars_drawing
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.overview.model import Recommendation, recommendation
from app.plane.basis import measured_split, pair_basis, predicted_basis, task_basis
from app.plane.grain import grain_sentence
from app.plane.scene import Scene
from app.plane.task_columns import task_columns
from app.ui import state
from app.ui.downloads import csv_button
from app.ui.formatting import UNIT_WORDS, amount, budget_share, cost_share, count, escape, percent
from app.ui.glossary import explain
from app.ui.interpolation import show_interpolation
from app.ui.layout_words import layout_sentence
from app.ui.paths import PAGES
from app.ui.written_table import row_height, show_written

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

_WAY = 190


def show_recommended(scene: Scene, budget: float, tolerance: float) -> None:
    """Show the best layout within a budget, given as a fraction of single-task networks, with reasons.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
        tolerance: How much less gain than the best is as good, in percentage points.
    """
    found = recommendation(scene.view, scene.trained, budget, tolerance)
    if found is None:
        st.warning(scene.nothing_fits(budget))
        return
    show_interpolation(found.view.study.table, found.layout, weights=found.view.weights)
    _tiles(found)
    # The frames of cells are as tall as their row; those of containers in them are as tall as their text.
    grid = st.grid(2, min_column_width=400, border=True)
    with grid.cell():
        _picture(found)
    with grid.cell():
        _reasons(found)


def _picture(found: Recommendation) -> None:
    view, known = found.view, found.figures
    st.markdown(f"**{escape(found.sentence)}**")
    st.caption(
        f"Recommended sharing layout within {budget_share(found.budget)} of the {_unit(found)} of single-task networks"
        + (": noise can't tell it from the best predicted one, and it is cheaper." if found.advice.is_cheaper else ".")
    )
    drawing(
        tree_drawing(found.layout, view.tasks, view.costs.tolist(), width=500, label=found.sentence),
        key="overview-tree",
    )
    drawing(bars_drawing(view.tasks, known, width=500), key="overview-bars")
    interval = " with 90 % interval" if known.has_interval else ""
    grain = grain_sentence(view.study)
    st.caption(f"Predicted gain Δ of each task{interval}; {task_basis(view)}. {escape(grain)}".rstrip())
    options = options_frame(found)
    show_written(
        options[["way", "predicted gain Δ", *(["measured gain Δ"] if found.trained else []), "share"]],
        {"predicted gain Δ": percent, "measured gain Δ": percent, "share": lambda value: cost_share(value / 100)},
        hide_index=True,
        column_config=_columns(),
        # A layout may be several of them at once.
        row_height=row_height(options["way"], _WAY),
        placeholder="–",
        alt="The recommended layout compared with the best without a budget, fully shared and single-task networks",
    )
    measured = f" Measured gain Δ: same weights, {measured_split(found.trained)}." if found.trained else ""
    st.caption(f"Mean over tasks, predicted as above.{measured}")
    st.space("stretch")
    _ways_on(found, options)


def _ways_on(found: Recommendation, options: "pd.DataFrame") -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Open in Budget", icon=":material/savings:", on_click=state.select, args=(found.layout,),
            help="Change the budget and see all other layouts",
        ):  # fmt: skip
            # Without this argument Streamlit refuses to leave while a control of this page is in the address.
            st.switch_page(PAGES / "budget.py", query_params={})
        study = found.view.study
        pinned = state.pins(study.n_tasks, study.n_blocks)
        st.button(
            "Pin", icon=":material/keep:", on_click=state.pin, args=(found.layout,),
            disabled=len(pinned) >= state.MAX_PINS or found.layout in pinned, help="Keep up to four to compare",
        )  # fmt: skip
        csv_button(
            "CSV",
            options,
            f"{study.name}-recommended.csv",
            help="These layouts with the gain of every task, intervals and costs",
        )
        st.page_link(PAGES / "backbone.py", label="Show blocks", icon=":material/view_week:")


def _reasons(found: Recommendation) -> None:
    st.markdown("**Why this layout**", help=explain("delta", "baseline"))
    st.markdown(f"Predicted gain: {_prose(found.what_you_get)}")
    if found.why_not_best:
        st.markdown(_prose(found.why_not_best))
    st.markdown("\n".join(f"- {_prose(reason)}" for reason in found.pair_reasons))
    st.caption(pair_basis(found.view), help=explain("two-task table"))
    st.markdown("**Confidence**", help=explain("bootstrap", "within noise"))
    st.markdown(_prose(found.how_sure))
    st.markdown("**Alternatives**", help=explain("independent", "front"))
    st.markdown(_prose(found.instead))


def _tiles(found: Recommendation) -> None:
    view, known = found.view, found.figures
    with st.grid(4, min_column_width=200):
        st.metric(
            "Predicted gain Δ",
            percent(known.score),
            delta=found.interval,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("delta", "predicted"),
        )
        st.metric(
            "Cost", cost_share(view.fraction(found.choice.cost)),
            delta=f"{amount(found.choice.cost, view.unit)} of {amount(view.independent, view.unit)}",
            delta_color="off", delta_arrow="off", border=True, help=explain("independent"),
        )  # fmt: skip
        sure, note = found.confidence
        st.metric(
            "Confidence",
            sure,
            delta=note,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("bootstrap", "within noise"),
        )
        how = "exact search" if view.found.exact else "heuristic search"
        st.metric(
            "Layouts",
            count(view.n_layouts),
            delta=how,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("layout"),
        )
    st.caption(f"Predicted gain Δ against single-task networks: mean over tasks; {predicted_basis(view)}.")


@lru_cache(maxsize=128)
def options_frame(found: Recommendation) -> "pd.DataFrame":
    """Return the recommended layout and its alternatives, one row each."""
    # Here and not above: the page's heading should not wait for it.
    import pandas as pd

    view = found.view
    rows = []
    for option in found.options:
        row = {
            "way": option.name,
            "predicted gain Δ": option.figures.score,
            "measured gain Δ": option.trained,
            "share": 100 * view.fraction(option.cost),
            UNIT_WORDS[view.unit].lower(): option.cost,
            "low": option.figures.score_low if option.figures.has_interval else None,
            "high": option.figures.score_high if option.figures.has_interval else None,
            "layout": layout_sentence(option.layout, view.tasks),
            "text form": option.layout.to_text(view.tasks),
        }
        row |= task_columns(view.tasks, option.figures)
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame if found.trained else frame.drop(columns="measured gain Δ")


def _columns() -> "dict[str, ColumnConfig]":
    return {
        "way": st.column_config.TextColumn("", width=_WAY),
        "share": st.column_config.NumberColumn("cost"),
    }


def _prose(text: str) -> str:
    # A percent sign should not begin a line.
    return escape(text).replace(" %", "\u00a0%")


def _unit(found: Recommendation) -> str:
    word = UNIT_WORDS[found.view.unit]
    return word if word.isupper() or word == "MACs" else word.lower()
