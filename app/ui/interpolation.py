"""The warning that predictions rest on interpolation, before what is recommended."""

import streamlit as st

from app.ui.formatting import escape
from core.estimators import TwoTaskTable
from core.estimators.coverage import interpolation_warnings
from core.layouts import Layout


def show_interpolation(table: TwoTaskTable, layout: Layout | None = None) -> None:
    """Warn where nearly all gains of a task, or all behind a recommended layout, are interpolated."""
    if found := interpolation_warnings(table, layout):
        st.warning(escape(" ".join(found)))
