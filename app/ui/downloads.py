"""Downloads of pages, and names of their files."""

from typing import TYPE_CHECKING

import streamlit as st

from app.ui.presenting import is_presenting
from core.csv_text import csv_text

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, frame: "pd.DataFrame", filename: str, *, help: str | None = None) -> None:
    """Show the download of a table as CSV, written on request; not on a projector."""
    if is_presenting():
        return
    st.download_button(
        label,
        lambda: frame_csv(frame),
        file_name=filename,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=help,
    )


def frame_csv(frame: "pd.DataFrame", *, index: bool = False) -> str:
    """Return a table as CSV text; what is missing is empty."""
    shown = frame.reset_index() if index else frame
    cells = shown.astype(object).where(shown.notna(), None)
    return csv_text([list(shown.columns), *cells.itertuples(index=False, name=None)])


def file_stem(name: str) -> str:
    """Return a name as part of a file name.

    >>> file_stem("small-residual, width 8")
    'small-residual_width_8'
    """
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else " " for c in name)
    return "_".join(kept.split())[:60] or "backbone"
