"""The figure as tables: by cut, and by number of branches."""

import streamlit as st

from app.storage.model import StorageView, curves_frame, cuts_frame
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import amount, share
from app.ui.written_table import Writer, show_written
from core.costs import Unit


def _bytes(value: float) -> str:
    return amount(value, Unit.BYTES)


_SIZES: dict[str, Writer] = dict.fromkeys(("tree", "dedicated", "saved"), lambda value: amount(value, Unit.PARAMETERS))
_BY_CUT, _BY_BRANCHES = "By cut", "By number of branches"


def show_tables(view: StorageView) -> None:
    """Show the figure as tables in an expander, with downloads."""
    fold = st.expander("The figure as a table", icon=":material/table:", on_change="rerun", key="storage-tables")
    if not fold.open:
        return
    with fold:
        by_cut, by_branches = st.tabs([_BY_CUT, _BY_BRANCHES])
        with by_cut:
            _by_cut(view)
        with by_branches:
            _by_branches(view)


def _by_cut(view: StorageView) -> None:
    frame = cuts_frame(view)
    bar = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
    show_written(
        frame,
        {"trunk bytes": _bytes, "branch bytes": _bytes, "switch": lambda value: share(value / 100)},
        hide_index=True,
        height=min(400, 38 + 35 * len(frame)),
        column_config={
            "trunk": st.column_config.NumberColumn("trunk blocks"),
            "saved blocks": bar,
            "saved parameters": bar,
            "saved MACs": st.column_config.ProgressColumn(
                "saved MACs, one input", format="%.1f %%", min_value=0, max_value=100
            ),
            "switch": "switch, of t",
        },
        alt=f"What each cut of {view.backbone.name} saves with {view.case.n_branches} branches",
    )
    csv_button("By cut as CSV", frame, f"branchwise-storage-{file_stem(view.backbone.name)}-cuts.csv")


def _by_branches(view: StorageView) -> None:
    frame = curves_frame(view)
    show_written(
        frame.drop(columns="count"),
        {**dict.fromkeys(("saved_share", "asymptote"), share), **_SIZES},
        hide_index=True,
        height=400,
        column_config={
            "curve": st.column_config.TextColumn(width="medium"),
            "tree": "TreeDNN",
            "saved_share": "saved, share",
        },
        alt="Values of every curve at every number of branches",
    )
    csv_button("Curves as CSV", frame, f"branchwise-storage-{file_stem(view.backbone.name)}-curves.csv")
