"""The recommended layout: its tree, what it gives and costs, and why it is that one."""

from typing import TYPE_CHECKING

import streamlit as st

from app.charts.bars import bars_drawing
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.overview.model import Recommendation, recommendation
from app.plane.scene import Scene
from app.ui import state
from app.ui.downloads import csv_button
from app.ui.formatting import UNIT_WORDS, amount, count, escape, layout_sentence, percent, share
from app.ui.glossary import explain
from app.ui.paths import PAGES

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig


def show_recommended(scene: Scene, budget: float) -> None:
    """Show the best layout within a budget, given as a fraction of independent networks, with its reasons."""
    found = recommendation(scene.view, scene.trained, budget)
    if found is None:
        st.warning(scene.nothing_fits())
        return
    grid = st.grid(2, min_column_width=400)
    with grid.cell(), st.container(border=True, height="stretch"):
        _picture(found)
    with grid.cell(), st.container(border=True, height="stretch"):
        _reasons(found)
    _tiles(found)


def _picture(found: Recommendation) -> None:
    view, known = found.view, found.figures
    st.markdown(f"**{escape(found.sentence)}**")
    st.caption(f"The best predicted layout within {share(found.budget)} of independent networks, in {_unit(found)}.")
    drawing(
        tree_drawing(found.layout, view.tasks, view.costs.tolist(), width=500, label=found.sentence),
        key="overview-tree",
    )
    drawing(bars_drawing(view.tasks, known, width=500), key="overview-bars")
    interval = "; the thin line holds 90 % of redrawn tables" if found.knows_spread else ""
    st.caption(f"Predicted Δ of each task{interval}.")
    options = options_frame(found)
    st.dataframe(
        options[["way", "predicted Δ", *(["trained Δ"] if found.trained else []), "share"]],
        hide_index=True,
        column_config=_columns(),
        placeholder="–",
        alt="The recommended layout beside the best at any price, everything shared and independent networks",
    )
    st.space("stretch")
    _ways_on(found, options)


def _ways_on(found: Recommendation, options: "pd.DataFrame") -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Open in Budget", icon=":material/savings:", on_click=state.select, args=(found.layout,),
            help="Drag the budget and see every other way of sharing",
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
            help="These layouts with Δ of every task, intervals and costs",
        )
        st.page_link(PAGES / "backbone.py", label="See its blocks", icon=":material/view_week:")


def _reasons(found: Recommendation) -> None:
    st.markdown("**Why this one**", help=explain("delta", "baseline"))
    st.markdown(f"You get {_prose(found.what_you_get)}")
    st.markdown("\n".join(f"- {_prose(reason)}" for reason in found.pair_reasons))
    st.caption("Of a pair: mean Δ of both tasks in the measured two-task network.", help=explain("two-task table"))
    st.markdown("**How sure**", help=explain("bootstrap"))
    st.markdown(_prose(found.how_sure))
    st.markdown("**What else there is**", help=explain("independent", "front"))
    st.markdown(_prose(found.instead))


def _tiles(found: Recommendation) -> None:
    view, known = found.view, found.figures
    with st.grid(4, min_column_width=130):
        interval = f"{percent(known.score_low)} to {percent(known.score_high)}" if found.knows_spread else "no interval"
        st.metric(
            "Predicted Δ",
            percent(known.score),
            delta=interval,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("delta", "predicted"),
        )
        st.metric(
            "Cost", share(view.fraction(found.choice.cost)),
            delta=f"{amount(found.choice.cost, view.unit)} of {amount(view.independent, view.unit)}",
            delta_color="off", delta_arrow="off", border=True, help=explain("independent"),
        )  # fmt: skip
        sure = "–" if found.frequency is None else share(found.frequency)
        st.metric(
            "How sure",
            sure,
            delta="of redraws",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("bootstrap"),
        )
        how = "all searched" if view.found.exact else "heuristic search"
        st.metric(
            "Layouts",
            count(view.n_layouts),
            delta=how,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("layout"),
        )


def options_frame(found: Recommendation) -> "pd.DataFrame":
    """Return the recommended layout and what else there is, one row each: the table twin."""
    # Here and not above: the page's heading should not wait for it.
    import pandas as pd

    view = found.view
    rows = []
    for option in found.options:
        row = {
            "way": option.name,
            "predicted Δ": option.figures.score,
            "trained Δ": option.trained,
            "share": 100 * view.fraction(option.cost),
            UNIT_WORDS[view.unit].lower(): option.cost,
            "low": option.figures.score_low,
            "high": option.figures.score_high,
            "layout": layout_sentence(option.layout, view.tasks),
            "text form": option.layout.to_text(view.tasks),
        }
        row |= {f"Δ {task}": float(value) for task, value in zip(view.tasks, option.figures.estimates, strict=True)}
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame if found.trained else frame.drop(columns="trained Δ")


def _columns() -> "dict[str, ColumnConfig]":
    delta = st.column_config.NumberColumn(format="%+.1f %%")
    return {
        "way": st.column_config.TextColumn("", width="medium"),
        "share": st.column_config.NumberColumn("cost", format="%.0f %%"),
        "predicted Δ": delta,
        "trained Δ": delta,
    }


def _prose(text: str) -> str:
    # A percent sign should not begin a line.
    return escape(text).replace(" %", "\u00a0%")


def _unit(found: Recommendation) -> str:
    word = UNIT_WORDS[found.view.unit]
    return word if word.isupper() or word == "MACs" else word.lower()
