"""Downloads of pages, and names of their files."""

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import cached
from app.ui.formatting import escape
from core.errors import BackboneError
from core.layouts import Layout
from core.studies.study import Study

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, frame: "pd.DataFrame", filename: str, *, help: str | None = None) -> None:
    """Show the download of a table as CSV, written on request."""
    st.download_button(
        label,
        lambda: frame.to_csv(index=False),
        file_name=filename,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=help,
    )


def module_button(study: Study, layout: Layout) -> None:
    """Show the download of a layout as a Python file, disabled with the reason if it cannot be built."""
    try:
        source, reason = cached.module_source(study, layout), ""
    except BackboneError as fault:
        source, reason = "", str(fault)
    st.download_button(
        "PyTorch module",
        source,
        file_name=f"{study.name}_network.py",
        mime="text/x-python",
        icon=":material/code:",
        on_click="ignore",
        disabled=bool(reason),
        help=escape(reason) or "A Python file that builds this network with torch and torchvision alone",
    )


def file_stem(name: str) -> str:
    """Return a name as part of a file name.

    >>> file_stem("small-residual, width 8")
    'small-residual_width_8'
    """
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else " " for c in name)
    return "_".join(kept.split())[:60] or "backbone"
