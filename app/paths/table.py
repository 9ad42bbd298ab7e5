"""What each path holds, computes and takes: the table of the ladder."""

import streamlit as st

from app.paths.model import Ladder, paths_frame
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import amount
from app.ui.written_table import show_written
from core.costs import Unit


def show_table(ladder: Ladder) -> None:
    """Show one row for each path, folded away."""
    fold = st.expander("The paths as a table", icon=":material/table:", on_change="rerun", key="paths-table")
    if not fold.open:
        return
    with fold:
        _show(ladder)


def _show(ladder: Ladder) -> None:
    frame = paths_frame(ladder)
    bar = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
    show_written(
        frame,
        {
            "parameters": lambda value: amount(value, Unit.PARAMETERS),
            **dict.fromkeys(("MACs", "MACs as published"), lambda value: amount(value, Unit.MACS)),
            "ms": lambda value: f"{value:.3g}",
            "share as published": lambda value: f"{value:.1f} %",
        },
        hide_index=True,
        column_config={"share of parameters": bar, "share of MACs": bar},
        alt=f"What each path through {ladder.name} holds and computes",
    )
    csv_button("Paths as CSV", frame, f"branchwise-paths-{file_stem(ladder.name)}.csv")
