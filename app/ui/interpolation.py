"""The warnings that predictions rest on interpolation or few tasks, before what is recommended."""

import streamlit as st

from app.ui.formatting import escape
from core.estimators import TwoTaskTable
from core.estimators.coverage import interpolation_warnings
from core.estimators.weights import TaskWeights, weight_warnings
from core.layouts import Layout


def show_interpolation(
    table: TwoTaskTable, layout: Layout | None = None, *, weights: TaskWeights | None = None
) -> None:
    """Warn where nearly all gains of a task, or all behind a recommended layout, are interpolated.

    Args:
        table: The table as it was measured, with its holes.
        layout: The layout that is recommended.
        weights: Of the score that is shown; a warning where they leave tasks out of it.
    """
    found = interpolation_warnings(table, layout)
    if weights is not None:
        found = (*found, *weight_warnings(table.tasks, weights))
    if found:
        st.warning(escape(" ".join(found)))
