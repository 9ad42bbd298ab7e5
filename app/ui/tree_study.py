"""Studies whose tasks have different inputs: pages of layouts do not apply to them."""

import streamlit as st

from app.ui.formatting import escape, listed
from app.ui.paths import PAGES
from core.studies.study import Study

# Sections of a study file whose networks learn from several data sets.
TREEDNN, PATHS = "treednn", "multipath"


def stop_without_shared_inputs(study: Study) -> None:
    """Show where to look instead and end the page of a study whose tasks have different inputs."""
    if study.shares_inputs:
        return
    requested = {} if study.specification is None else study.specification.requests
    shared = [
        *(["the stored trunk of a TreeDNN"] if TREEDNN in requested or PATHS not in requested else []),
        *(["the blocks of a multi-path network"] if PATHS in requested else []),
    ]
    st.info(
        f"Each task of “{escape(study.title)}” has its own images, so no two tasks can share the computation of one "
        f"input, and there is no layout to select. They share {listed(shared)}.",
        icon=":material/info:",
    )
    if TREEDNN in requested or PATHS not in requested:
        st.page_link(
            PAGES / "storage.py", label="Savings of the trunk, and results of its branches", icon=":material/database:"
        )
    if PATHS in requested:
        st.page_link(
            PAGES / "paths.py", label="Exits, and what each task reaches at them", icon=":material/conversion_path:"
        )
    st.caption("Or open another study in the sidebar.")
    st.stop()
