"""The backbone with its cut and the curves of what it saves, and what happens when they are used."""

import streamlit as st

from app.components.storage_cut import Curve, CutEntry, Strip, cut_data, packed_entries, storage_cut
from app.storage.controls import BRANCHES, TRUNK
from app.storage.model import (
    MOST_BRANCHES,
    Count,
    Gain,
    StorageView,
    contrast,
    curve_names,
    spoken,
    strips,
    tiles,
    where,
)
from app.ui.downloads import file_stem
from app.ui.formatting import share
from core.costs import Unit

KEY = "storage_cut"
_STRIPS = {Count.BLOCKS: "Blocks", Count.PARAMETERS: "Parameters", Count.ALL_TASKS: "MACs"}
_PANELS = {
    "Layers": (Count.FORMULA, Count.BLOCKS),
    "Parameters and bytes": (Count.PARAMETERS,),
    "Multiply-accumulates (MACs)": (Count.ALL_TASKS, Count.ONE_TASK),
}
_DASHED = {Count.FORMULA: "8 4", Count.ONE_TASK: "9 3 2 3"}


def show_figure(view: StorageView) -> None:
    """Show the drawing and the curves."""
    storage_cut(
        key=KEY,
        data=figure_data(view),
        on_cut=lambda: _moved("cut", TRUNK, 0, view.backbone.n_blocks),
        on_branches=lambda: _moved("branches", BRANCHES, 1, MOST_BRANCHES),
    )


def figure_data(view: StorageView) -> dict[str, object]:
    """Give what the browser gets to draw."""
    found = _strips(view)
    rows = list(strips(view))
    panels = [title for title, counts in _PANELS.items() if set(counts) & set(view.counts)]
    names = curve_names(view)
    return cut_data(
        strips=found,
        blocks=[block.name for block in view.backbone.blocks],
        panels=panels,
        curves=[
            Curve(
                panel=next(i for i, title in enumerate(panels) if what in _PANELS[title]),
                name=names[what],
                dash=_DASHED.get(what, ""),
                strip=rows.index(what) if what in rows else -1,
                trunk=view.formula.trunk if what is Count.FORMULA and view.formula else 0.0,
                whole=view.stored(what).dedicated[0] or 1.0,
            )
            for what in view.counts
        ],
        packed=_packed(_stamp(view), view),
        cut=view.case.cut,
        branches=view.case.n_branches,
        most=MOST_BRANCHES,
        relative=view.gain is Gain.RELATIVE,
        label=spoken(view),
        filename=f"branchwise-storage-{file_stem(view.backbone.name)}",
    )


def cut_entry(view: StorageView) -> CutEntry:
    """Give everything that is said about one cut and one number of branches."""
    return CutEntry(
        cut=view.case.cut,
        branches=view.case.n_branches,
        where=where(view),
        sentence=contrast(view),
        tiles=tiles(view),
        strips=list(strips(view).values()),
        saved=[view.saved(what) for what in view.counts],
        limits=["" if what is Count.ONE_TASK else share(view.asymptote(what)) for what in view.counts],
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
    cuts = [_view.with_cut(cut) for cut in range(_view.backbone.n_blocks + 1)]
    others = [k for k in range(1, MOST_BRANCHES + 1) if k != _view.case.n_branches]
    return packed_entries([cut_entry(each) for each in (*cuts, *(_view.with_branches(k) for k in others))])


def _moved(name: str, control: str, low: int, high: int) -> None:
    """Set a control to what the browser came to rest at; what it sends is checked like any upload."""
    value = getattr(st.session_state.get(KEY), name, None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(low, high + 1):
        st.session_state[control] = int(value)
