"""What to do where there is nothing to show."""

import streamlit as st

from app.ui.paths import PAGES
from core.studies.study import Study


def show_not_measured(study: Study, *, has_losses: bool) -> None:
    """Say what a study has not measured, and the way to it; nothing where it has recombined networks."""
    if has_losses:
        return
    if study.specification is None:
        st.info(
            "This study is a table brought by hand: there are no networks whose features could be compared. "
            "Bring affinities of your own as a file.",
            icon=":material/info:",
        )
        return
    shown = "" if study.similarity is None else " The features of its networks were compared; this is shown here."
    with st.container(border=True):
        st.markdown(
            "No recombined networks of this study are trained yet, so nobody knows how well tasks do on each other's "
            f"features.{shown}"
        )
        st.page_link(
            PAGES / "train.py", label="Train them", icon=":material/play_arrow:", query_params={"what": "affinity"}
        )
