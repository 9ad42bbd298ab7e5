"""The sections of the page; only the open one runs."""

import streamlit as st

from app.ui import cached
from app.ui.formatting import escape
from app.ui.opening import open_study
from app.ui.paths import PAGES
from app.ui.url_state import choice
from app.virtual.published import show_published
from app.virtual.units import show_units
from core.families.virtual.results import VirtualResults
from core.studies.study import Study

MEMORY, ACCURACY, UNITS, SEQUENCE, GAME, PAPER = "memory", "accuracy", "units", "sequence", "game", "paper"
SECTIONS = {
    MEMORY: "Memory",
    ACCURACY: "Accuracy",
    UNITS: "Units",
    SEQUENCE: "Sequence",
    GAME: "Order game",
    PAPER: "DVN paper",
}
SECTION = "virtual_section"
# Bundled studies of deep virtual networks, the one to open first at the front.
BUNDLED = ("virtual-joint", "virtual-sets", "virtual-hierarchy", "virtual-sequence")


def section_input(study: Study) -> str:
    """Ask which section is open; at first the memory of a study that has results."""
    usual = MEMORY if has_results(study.result(VirtualResults)) else UNITS
    return choice("Details", list(SECTIONS), SECTION, name="section", default=usual, labels=SECTIONS, labelled=False)


def has_results(results: VirtualResults | None) -> bool:
    """Return whether any deep virtual network of a study is trained."""
    return results is not None and results.payload is not None


def show_section(section: str, study: Study) -> None:
    """Show one section.

    Args:
        section: Its code.
        study: The study.
    """
    results = study.result(VirtualResults)
    if section == UNITS:
        show_units(study)
    elif section == GAME:
        from app.virtual.game import show_game

        show_game(study)
    elif section == PAPER:
        show_published()
    elif results is None or not has_results(results):
        show_nothing(requested=results is not None)
    elif section == ACCURACY:
        from app.virtual.accuracy import show_accuracy

        show_accuracy(results, study)
    elif section == SEQUENCE:
        from app.virtual.sequence import show_sequence

        show_sequence(results, study)
    else:
        from app.virtual.memory import show_memory

        show_memory(results, study)


def show_nothing(*, requested: bool) -> None:
    """Show what to run first, and the bundled studies that have results."""
    if requested:
        st.info("No virtual network of this study is trained yet.", icon=":material/hourglass_empty:")
    else:
        st.info(
            "This study requests no virtual networks, so there is no measured gain to show. Train requests them and "
            "says how long they take; the section `[virtual]` of a study file says more.",
            icon=":material/info:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(PAGES / "train.py", label="Train", icon=":material/play_arrow:", query_params={"what": "virtual"})
        known = cached.study_names()
        for name in BUNDLED:
            if name in known:
                st.button(
                    f"Open “{escape(known[name])}”", icon=":material/folder_open:", on_click=open_study, args=(name,)
                )
