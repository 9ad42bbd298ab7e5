"""The backbone as a drawing, and its key figures."""

from functools import lru_cache

import streamlit as st

from app.backbone.chart import backbone_svg, merge_words
from app.backbone.model import BackboneView, remark
from app.components.drawing import drawing
from app.ui.downloads import file_stem
from app.ui.formatting import amount, count, escape, shape_words
from app.ui.glossary import explain
from core.backbones import Backbone
from core.costs import Unit

# Of the drawing in pixels: the browser shows the one that fits, so that its text has the size of all other text.
_WIDTHS = (340, 440, 560, 680, 840, 1040, 1300, 1600)


def show_picture(view: BackboneView) -> None:
    """Show the row of blocks from input to heads."""
    with st.container(border=True):
        whole = view.whole
        st.markdown(f"**{escape(whole.name)}** · {merge_words(view)}")
        drawing(
            _drawings(whole, view.starts),
            key="backbone-drawing",
            saved_as=f"branchwise-{file_stem(whole.name)}-{view.n_blocks}-blocks",
            caption=f"{whole.name}, {merge_words(view)}. {remark(whole)}",
        )
        source = f"Measured with {escape(whole.source)}." if whole.source else ""
        st.caption(
            " ".join(
                part for part in (escape(remark(whole)), "Parameters and MACs have separate scales.", source) if part
            )
        )


@lru_cache(maxsize=64)
def _drawings(whole: Backbone, starts: tuple[int, ...]) -> list[str]:
    view = BackboneView(whole, starts)
    return [backbone_svg(view, width=width) for width in _WIDTHS]


def show_figures(view: BackboneView, n_tasks: int) -> None:
    """Show blocks, layouts, parameters, MACs and latency."""
    whole = view.whole
    n_known = 2 + bool(whole.params) + bool(whole.macs) + bool(whole.latency)
    # As many columns as cards, so that a row of them is as wide as the picture above.
    with st.grid(n_known, min_column_width=150):
        st.metric("Blocks", view.n_blocks, border=True, help=explain("block"))
        st.metric(
            "Layouts",
            count(view.n_layouts(n_tasks)),
            border=True,
            help=f"Of {n_tasks} tasks on {view.n_blocks} blocks. {explain('layout')}",
        )
        if whole.params:
            st.metric("Parameters", amount(whole.params, Unit.PARAMETERS), border=True, help=explain("parameters"))
        if whole.macs:
            input_shape = f" For one input of {shape_words(whole.input_shape)}." if whole.input_shape else ""
            st.metric("MACs", amount(whole.macs, Unit.MACS), border=True, help=explain("macs") + input_shape)
        if whole.latency:
            st.metric("Latency", amount(whole.latency, Unit.LATENCY), border=True, help=explain("latency"))
