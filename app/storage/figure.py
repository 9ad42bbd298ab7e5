"""The backbone with its cut, the curves of the gain, and the handler of a dragged cut."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.storage_cut import CutEntry, Strip, cut_data, packed_entries, storage_cut
from app.storage.controls import TRUNK
from app.storage.gain_chart import gain_figure
from app.storage.model import (
    Count,
    Gain,
    StorageView,
    contrast,
    spoken,
    strips,
    tiles,
    where,
)
from app.ui.downloads import file_stem
from app.ui.plotly import plotly_chart
from core.costs import Unit

if TYPE_CHECKING:
    import plotly.graph_objects as go

KEY = "storage_cut"
_STRIPS = {Count.BLOCKS: "Blocks", Count.PARAMETERS: "Parameters", Count.ALL_TASKS: "MACs"}
_LEGEND = "Dotted: limit of the share as k grows."


def show_figure(view: StorageView) -> None:
    """Show the backbone with its cut and what it saves."""
    storage_cut(key=KEY, data=figure_data(view), on_cut=lambda: _moved(view.backbone.n_blocks))


def show_gain(view: StorageView) -> None:
    """Show the curves of the gain over the number of branches."""
    with st.container(border=True):
        plotly_chart(_figure(_stamp(view), view), key="storage-gain", alt=spoken(view))
        if view.gain is Gain.RELATIVE:
            st.caption(_LEGEND)


def figure_data(view: StorageView) -> dict[str, object]:
    """Return the data that the browser draws."""
    return cut_data(
        strips=_strips(view),
        blocks=[block.name for block in view.backbone.blocks],
        packed=_packed(_stamp(view), view),
        cut=view.case.cut,
        filename=f"branchwise-storage-{file_stem(view.backbone.name)}",
    )


def cut_entry(view: StorageView) -> CutEntry:
    """Return all texts and numbers of one cut."""
    return CutEntry(
        cut=view.case.cut,
        where=where(view),
        sentence=contrast(view),
        tiles=tiles(view),
        strips=list(strips(view).values()),
    )


def _strips(view: StorageView) -> list[Strip]:
    blocks, found = view.backbone.blocks, []
    for what, name in _STRIPS.items():
        if what in view.counts:
            sizes = {
                Count.BLOCKS: [1] * len(blocks),
                Count.PARAMETERS: [block.params for block in blocks],
                Count.ALL_TASKS: [block.macs for block in blocks],
            }[what]
            written = ["one block" if what is Count.BLOCKS else f"{view.written(what, size)} {name}" for size in sizes]
            found.append(Strip(name, [float(size) for size in sizes], written))
    return found


def _stamp(view: StorageView) -> str:
    case = view.case
    return f"{hash(case.backbone)}/{case.cut}/{case.n_branches}/{view.formula}/{view.gain}/{Unit.BYTES}"


@st.cache_resource(max_entries=128, show_spinner=False)
def _packed(stamp: str, _view: StorageView) -> str:  # noqa: ARG001  # part of the key
    return packed_entries([cut_entry(_view.with_cut(cut)) for cut in range(_view.backbone.n_blocks + 1)])


@st.cache_resource(max_entries=128, show_spinner=False)
def _figure(stamp: str, _view: StorageView) -> "go.Figure":  # noqa: ARG001  # part of the key
    return gain_figure(_view)


def _moved(most: int) -> None:
    """Set the trunk to the new position of the cut; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "cut", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(most + 1):
        st.session_state[TRUNK] = int(value)
