"""What each path holds, computes and takes: the table of the ladder."""

import streamlit as st

from app.paths.model import Ladder, paths_frame
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import amount, cost_share
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
    # Of a share below the whole, one decimal; of the whole, none.
    shares = ["share of parameters", "share of MACs"]
    bar = st.column_config.ProgressColumn(format="%g %%", min_value=0, max_value=100)
    show_written(
        frame.assign(**frame[shares].round(1)),
        {
            "parameters": lambda value: amount(value, Unit.PARAMETERS),
            **dict.fromkeys(("MACs", "MACs as published"), lambda value: amount(value, Unit.MACS)),
            "ms": lambda value: amount(value / 1000, Unit.LATENCY),
            "share as published": lambda value: cost_share(value / 100),
        },
        hide_index=True,
        column_config={**dict.fromkeys(shares, bar), "ms": "time"},
        alt=f"What each path through {ladder.name} holds and computes",
    )
    csv_button("Paths as CSV", frame, f"branchwise-paths-{file_stem(ladder.name)}.csv")
