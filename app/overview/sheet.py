"""The numbers of a figure as a file."""

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, frame: "pd.DataFrame", filename: str, *, help: str | None = None) -> None:
    """Offer a table as CSV, written when somebody asks for it."""
    st.download_button(
        label,
        lambda: frame.to_csv(index=False),
        file_name=filename,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=help,
    )
