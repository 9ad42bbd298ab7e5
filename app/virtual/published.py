"""What the slides of the virtual networks' paper print, marked as published."""

import pandas as pd
import streamlit as st

from app.ui.downloads import csv_button
from app.ui.written_table import show_written
from core.families.virtual.published import J3, J3_TASKS, STATED


def show_published() -> None:
    """Show the figures of scenario J3 and what the text states."""
    _head(f"Scenario J3: {', '.join(J3_TASKS)}")
    frame = published_frame()
    show_written(
        frame,
        {
            "parameters, M": lambda value: f"{value:.1f}",
            "ms": lambda value: f"{value:.2f}",
            "share of the last level's parameters": lambda value: f"{value:.0f} %",
            "share of the weights, by width": lambda value: f"{value:.2f} %",
            "share of the last level's time": lambda value: f"{value:.0f} %",
        },
        hide_index=True,
        alt="Parameters and milliseconds of three levels, as published",
    )
    csv_button("Published levels as CSV", frame, "branchwise-virtual-published.csv")
    st.caption(
        "WRN-32 of widths 4, 6 and 8: half, three quarters and all of the channels, so a quarter, 56.25 % and all of "
        "the weights between them. Time is for a single picture of STL-10; the text names neither machine nor seeds."
    )
    _head("What the text states")
    show_written(
        pd.DataFrame(STATED, columns=["scenario", "statement"]), {}, hide_index=True,
        alt="Statements of the slides' text",
    )  # fmt: skip
    st.caption(
        "Tables and curves of the slides are pictures that our text of them lacks, so no accuracy of the paper stands "
        "here."
    )


def published_frame() -> pd.DataFrame:
    """Return one row for each level of scenario J3."""
    whole = J3[-1]
    return pd.DataFrame(
        [
            {
                "level": number,
                "parameters, M": level.params,
                "share of the last level's parameters": 100 * level.params / whole.params,
                "share of the weights, by width": 100 * level.density,
                "ms": level.milliseconds,
                "share of the last level's time": 100 * level.milliseconds / whole.milliseconds,
            }
            for number, level in enumerate(J3, start=1)
        ]
    )


def _head(title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=False, width="content")
        st.badge("published, not measured here", icon=":material/menu_book:", color="gray")
