"""The sections below the ladder; only the open one runs."""

import numpy as np
import streamlit as st

from app.paths.loss import show_loss
from app.paths.model import Ladder
from app.paths.published import show_published
from app.ui import cached
from app.ui.formatting import escape
from app.ui.opening import open_study
from app.ui.paths import PAGES
from app.ui.url_state import choice
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

BUDGET, MATRIX, NETWORKS, LEAVING, LOSS, PAPER = "budget", "matrix", "networks", "leaving", "loss", "paper"
SECTIONS = {
    BUDGET: "Budget",
    MATRIX: "Tasks × exits",
    NETWORKS: "Networks compared",
    LEAVING: "Early exit",
    LOSS: "Loss",
    PAPER: "Multi-path paper",
}
SECTION = "paths_section"
# Bundled studies of multi-path networks, the one to open first at the front.
BUNDLED = ("paths-hierarchy", "paths-split", "paths-curriculum")


def section_input(study: Study) -> str:
    """Ask which section is open; at first the budget of a study that has results."""
    usual = BUDGET if has_results(study.result(MultiPathResults)) else LOSS
    return choice("Details", list(SECTIONS), SECTION, name="section", default=usual, labels=SECTIONS, labelled=False)


def has_results(results: MultiPathResults | None) -> bool:
    """Return whether anything of a study's multi-path networks is trained."""
    return results is not None and bool(results.exits)


def has_matrix(results: MultiPathResults) -> bool:
    """Return whether any seed has measured tasks × exits."""
    return results.matrix is not None and bool(np.isfinite(results.matrix.values["validation"]).any())


def show_section(section: str, study: Study, ladder: Ladder) -> None:
    """Show one section.

    Args:
        section: Its code.
        study: The study.
        ladder: With the exits that are chosen above.
    """
    results = study.result(MultiPathResults)
    if section == LOSS:
        show_loss(ladder, study)
    elif section == PAPER:
        show_published()
    elif results is None or not has_results(results):
        _show_nothing(requested=results is not None)
    elif section == NETWORKS:
        from app.paths.networks import show_networks

        show_networks(results, study)
    elif not has_matrix(results):
        st.info(
            "This study has no trained network with a head of every task at every exit. Request it with "
            "`matrix = true` in `[multipath]`.",
            icon=":material/info:",
        )
    elif section == LEAVING:
        from app.paths.leaving import show_leaving

        show_leaving(results)
    elif section == MATRIX:
        from app.paths.matrix import show_matrix

        show_matrix(results, study)
    else:
        from app.paths.assignment import show_assignment

        show_assignment(results, study)


def _show_nothing(*, requested: bool) -> None:
    """Show what to run first, and the bundled studies that have results."""
    if requested:
        st.info("No multi-path network of this study is trained yet.", icon=":material/hourglass_empty:")
    else:
        st.info(
            "This study requests no multi-path networks, so there is no measured gain to show. Train requests them "
            "with an exit at the end of every block; the section `[multipath]` of a study file says more.",
            icon=":material/info:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            PAGES / "train.py", label="Train", icon=":material/play_arrow:", query_params={"what": "multipath"}
        )
        known = cached.study_names()
        for name in BUNDLED:
            if name in known:
                st.button(
                    f"Open “{escape(known[name])}”", icon=":material/folder_open:", on_click=open_study, args=(name,)
                )
