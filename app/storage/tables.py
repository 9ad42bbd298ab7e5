"""The figure as tables: by cut, and by number of branches."""

import streamlit as st

from app.storage.model import StorageView, curves_frame, cuts_frame
from app.ui.downloads import csv_button, file_stem

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
    size = st.column_config.NumberColumn(format="bytes")
    st.dataframe(
        frame,
        hide_index=True,
        height=min(400, 38 + 35 * len(frame)),
        column_config={
            "trunk": st.column_config.NumberColumn("trunk blocks"),
            "saved blocks": bar,
            "saved parameters": bar,
            "saved MACs": st.column_config.ProgressColumn(
                "saved MACs, one input", format="%.1f %%", min_value=0, max_value=100
            ),
            "trunk bytes": size,
            "branch bytes": size,
            "switch": st.column_config.NumberColumn("switch, of t", format="%.1f %%"),
        },
        alt=f"What each cut of {view.backbone.name} saves with {view.case.n_branches} branches",
    )
    csv_button("By cut as CSV", frame, f"branchwise-storage-{file_stem(view.backbone.name)}-cuts.csv")


def _by_branches(view: StorageView) -> None:
    frame = curves_frame(view)
    share = st.column_config.NumberColumn(format="percent")
    amount = st.column_config.NumberColumn(format="compact")
    st.dataframe(
        frame.drop(columns="count"),
        hide_index=True,
        height=400,
        column_config={
            "curve": st.column_config.TextColumn(width="medium"),
            "tree": st.column_config.NumberColumn("TreeDNN", format="compact"),
            "dedicated": amount,
            "saved": amount,
            "saved_share": st.column_config.NumberColumn("saved, share", format="percent"),
            "asymptote": share,
        },
        alt="Values of every curve at every number of branches",
    )
    csv_button("Curves as CSV", frame, f"branchwise-storage-{file_stem(view.backbone.name)}-curves.csv")
