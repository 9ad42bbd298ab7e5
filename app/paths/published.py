"""Tables 2 and 3 of the multi-path paper, marked as published, and where the paper contradicts itself."""

import pandas as pd
import streamlit as st

from app.ui.downloads import csv_button
from app.ui.written_table import Writer, show_written
from core.families.multipath.published import ABSTRACT_SAVING, STATED_SHARES, TABLE_2, TABLE_3, PublishedTable, saved


def show_published() -> None:
    """Show both tables and what they say about savings."""
    for table in (*TABLE_2, *TABLE_3):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.header(f"Table {table.number}: {table.dataset}, {table.backbone}", anchor=False, width="content")
            st.badge("published, not measured here", icon=":material/menu_book:", color="gray")
        frame = published_frame(table)
        alt = f"Table {table.number}, {table.dataset}, {table.backbone}, as published"
        show_written(frame, _writers(frame), hide_index=True, alt=alt)
    csv_button(
        "Published tables as CSV", pd.concat(map(_named, (*TABLE_2, *TABLE_3))), "branchwise-paths-published.csv"
    )
    st.caption(
        "Accuracy in percent; parameters in multiples of the backbone's, mean over tasks. “Baseline” is hard parameter "
        "sharing, “Ours” the multi-path network. The number of seeds is not published."
    )
    st.markdown(savings_sentence())


def published_frame(table: PublishedTable) -> pd.DataFrame:
    """Return one row for each method: accuracy of each task, mean cost."""
    rows = []
    for method in table.methods:
        row: dict[str, object] = {"method": method.name}
        row |= dict(zip(table.tasks, method.accuracy, strict=True))
        row["mean accuracy"] = sum(method.accuracy) / len(method.accuracy)
        row["parameters"] = sum(method.params) / len(method.params) if method.params else None
        if any(each.gflops for each in table.methods):
            row["GMACs"] = sum(method.gflops) / len(method.gflops) if method.gflops else None
        rows.append(row)
    return pd.DataFrame(rows)


def savings_sentence() -> str:
    """Return what the paper's tables say about its abstract's savings."""
    ours = [table.method("Ours") for table in (*TABLE_2[:1], *TABLE_3)]
    params = ", ".join(f"{100 * saved(method.params):.0f} %" for method in ours)
    flops = TABLE_2[0].method("Ours").gflops
    macs = 100 * saved(tuple(value / max(flops) for value in flops))
    low, high = ABSTRACT_SAVING
    shares = "/".join(f"{100 * share:.0f}" for share in STATED_SHARES)
    return (
        f"**The paper's savings.** The abstract states {low} to {high} % smaller computational cost. Its tables save "
        f"{params} of the *parameters*, mean over tasks, but {macs:.1f} % of the *multiply-accumulates* (Table 2). The "
        f"text gives {shares} % of the parameters for three exits; Table 3 prints 40/60/100 and 30/60/100 %."
    )


def _named(table: PublishedTable) -> pd.DataFrame:
    frame = published_frame(table)
    # The paper's tasks have other names in each table.
    frame = frame.melt(["method"], var_name="what", value_name="value")
    frame.insert(0, "table", f"{table.number}: {table.dataset}, {table.backbone}")
    return frame


def _writers(frame: pd.DataFrame) -> dict[str, Writer]:
    plain: dict[str, Writer] = {name: lambda value: f"{value:.2f}" for name in frame.columns if name != "method"}
    return plain | {"GMACs": lambda value: f"{value:.4f}", "parameters": lambda value: f"{value:.2f} ×"}
