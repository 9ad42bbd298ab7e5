"""Pinned layouts side by side, with what differs marked."""

from collections.abc import Sequence

import streamlit as st

from app.budget.tables import columns, shown_frame, writers
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.plane.scene import Scene
from app.ui import state
from app.ui.formatting import cost_share, escape, percent
from app.ui.layout_words import layout_sentence
from app.ui.links import layout_code
from app.ui.written_table import written
from core.families.layouts.predictions import differing_blocks
from core.layouts import Layout


def show_compare(scene: Scene, current: Layout | None, pins: Sequence[Layout]) -> None:
    """Show up to four pinned layouts; blocks that differ from the first are underlined."""
    if not pins:
        st.info("No layout is pinned. Pin the layout above and then another one to compare them here.")
        return
    st.caption(
        f"Underlined block numbers differ from {'A' if len(pins) > 1 or current is None else 'the layout above'}. "
        f"{scene.basis}"
    )
    first = pins[0] if len(pins) > 1 or current is None else current
    grid = st.grid(max(2, len(pins)), min_column_width=240)
    for letter, layout in zip("ABCD", pins, strict=False):
        with grid.cell():
            _card(scene, layout, letter, differing_blocks(first, layout))
    frame = shown_frame(scene, pins).assign(pin=list("ABCD"[: len(pins)])).set_index("pin")
    st.dataframe(
        written(frame, writers(scene)),
        **columns(frame),
        placeholder="–",
        alt="The pinned layouts compared",
    )


def _card(scene: Scene, layout: Layout, letter: str, differing: Sequence[int]) -> None:
    view = scene.view
    known = scene.figures(layout)
    sentence = layout_sentence(layout, view.tasks)
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{letter}** · {percent(known.score)} at {cost_share(view.fraction(view.cost(layout)))}")
        drawing(
            tree_drawing(layout, view.tasks, view.costs.tolist(), width=380, marked=differing, label=sentence),
            key=f"pin-tree-{layout_code(layout)}",
        )
        st.caption(escape(sentence))
        st.button("Select", key=f"show-{letter}", on_click=state.select, args=(layout,))
