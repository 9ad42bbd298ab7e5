"""The sections below the plane; only the open one runs."""

from collections.abc import Mapping

import streamlit as st

from app.compare.kept import CompareScene
from app.ui.presenting import stepped
from app.ui.url_state import choice
from core.plane.comparison import Priced

PINNED, FAMILIES, WHICH, STORAGE, TABLE = "pinned", "families", "when", "storage", "table"
SECTIONS = {
    WHICH: "Which family when",
    PINNED: "Pinned networks",
    FAMILIES: "Families",
    STORAGE: "Storage over tasks",
    TABLE: "Table",
}


def show_sections(scene: CompareScene, pins: Mapping[str, Priced]) -> None:
    """Ask which section is open, and show it."""
    shown = stepped(SECTIONS, () if pins else (PINNED,))
    section = choice("Details", shown, "compare_section", name="section", labels=SECTIONS, labelled=False)
    view = scene.view
    if section == PINNED:
        from app.compare.differences import show_differences

        show_differences(scene, pins)
    elif section == FAMILIES:
        from app.compare.families import show_families

        show_families(view)
    elif section == STORAGE:
        from app.compare.storage import show_storage

        show_storage(view)
    elif section == TABLE:
        from app.compare.tables import show_table

        show_table(scene)
    else:
        from app.compare.which import show_which

        show_which(view.study, view.task)


def show_nothing(scene: CompareScene) -> None:
    """Say what is missing where there is nothing to compare, and what to do."""
    reasons = set(scene.view.missing.values())
    if scene.view.comparison is None or not scene.view.networks:
        st.info(
            "Nothing of this study is measured at this question of cost yet. Train its networks on the Train page, or "
            "choose another question above.",
            icon=":material/info:",
        )
    elif "predicted only, none trained" in reasons:
        st.info(
            "Only single-task networks are trained. What the two-task table predicts is drawn with “Predicted”; train "
            "some of it to compare families.",
            icon=":material/info:",
        )
    else:
        st.info(
            "Only single-task networks answer this question here. Choose another question above, or another study in "
            "the sidebar.",
            icon=":material/info:",
        )
