"""Studies whose tasks have different inputs: pages of layouts do not apply to them."""

import streamlit as st

from app.ui.formatting import escape, listed
from app.ui.paths import PAGES
from core.studies.study import Study

# Sections of a study file whose networks learn from several data sets.
TREEDNN, PATHS, VIRTUAL = "treednn", "multipath", "virtual"


def stop_without_shared_inputs(study: Study) -> None:
    """Show where to look instead and end the page of a study whose tasks have different inputs."""
    if study.shares_inputs:
        return
    requested = {} if study.specification is None else study.specification.requests
    trunk = TREEDNN in requested or not {PATHS, VIRTUAL} & requested.keys()
    shared = [
        *(["the stored trunk of a TreeDNN"] if trunk else []),
        *(["the blocks of a multi-path network"] if PATHS in requested else []),
        *(["the weights of virtual networks"] if VIRTUAL in requested else []),
    ]
    st.info(
        f"Each task of “{escape(study.title)}” has its own images, so no two tasks can share the computation of one "
        f"input, and there is no layout to select. They share {listed(shared)}.",
        icon=":material/info:",
    )
    if trunk:
        st.page_link(
            PAGES / "storage.py", label="Savings of the trunk, and results of its branches", icon=":material/database:"
        )
    if PATHS in requested:
        st.page_link(
            PAGES / "paths.py", label="Exits, and what each task reaches at them", icon=":material/conversion_path:"
        )
    if VIRTUAL in requested:
        st.page_link(
            PAGES / "virtual.py", label="Levels, and what each task reaches on them", icon=":material/grid_view:"
        )
    st.caption("Or open another study in the sidebar.")
    st.stop()
