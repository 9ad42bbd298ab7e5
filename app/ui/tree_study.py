"""Studies whose tasks have pictures of their own: what does not apply to them, and where to look instead."""

import streamlit as st

from app.ui.formatting import escape
from app.ui.paths import PAGES
from core.studies.study import Study


def stop_without_shared_inputs(study: Study) -> None:
    """Show where to look instead and end the page of a study whose tasks have different inputs."""
    if study.shares_inputs:
        return
    st.info(
        f"Every task of “{escape(study.title)}” has pictures of its own, so no two of them can be trained or answered "
        "together, and there is no layout to choose. What they share is a trunk.",
        icon=":material/info:",
    )
    st.page_link(
        PAGES / "storage.py", label="What the trunk saves, and what its branches reached", icon=":material/database:"
    )
    st.caption("Or open another study in the sidebar.")
    st.stop()
