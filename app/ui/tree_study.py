"""Studies whose tasks have different inputs: pages of layouts do not apply to them."""

import streamlit as st

from app.ui.formatting import escape
from app.ui.paths import PAGES
from core.studies.study import Study


def stop_without_shared_inputs(study: Study) -> None:
    """Show where to look instead and end the page of a study whose tasks have different inputs."""
    if study.shares_inputs:
        return
    st.info(
        f"Each task of “{escape(study.title)}” has its own images, so no two tasks can share the computation of one "
        "input, and there is no layout to select. They share the stored trunk of a TreeDNN.",
        icon=":material/info:",
    )
    st.page_link(
        PAGES / "storage.py", label="Savings of the trunk, and results of its branches", icon=":material/database:"
    )
    st.caption("Or open another study in the sidebar.")
    st.stop()
