"""What to do where no affinities are measured."""

import streamlit as st

from app.ui.paths import PAGES
from core.studies.study import Study


def show_not_measured(study: Study, *, has_losses: bool) -> None:
    """Show what to measure first; nothing where the study has recombined networks."""
    if has_losses:
        return
    if study.specification is None:
        st.info(
            "This study is an uploaded table without networks, so affinities can't be measured. Upload a file of "
            "affinities instead.",
            icon=":material/info:",
        )
        return
    shown = (
        ""
        if study.similarity is None
        else " The page shows the representation similarity (RSA) of the single-task networks instead."
    )
    with st.container(border=True):
        st.markdown(
            "No recombined networks of this study are trained yet, so it is unknown how well each task does on the "
            f"features of another.{shown}"
        )
        st.page_link(
            PAGES / "train.py", label="Train them", icon=":material/play_arrow:", query_params={"what": "affinity"}
        )
