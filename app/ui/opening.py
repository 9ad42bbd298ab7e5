"""Open a study on all pages, and switch to a page."""

from pathlib import Path

import streamlit as st

from app.ui import cached, state
from app.ui.gone_study import forget_gone_study
from app.ui.paths import PAGES
from core.errors import StudyError
from core.studies.bundled import FIRST

_GOING, _COPIED, _NEXT = "page_to_open", "study_to_copy", "study_to_open"


def open_study(name: str) -> None:
    """Open a study on all pages; for callbacks, which run before the sidebar is drawn."""
    st.session_state["study"] = name
    study_changed()


def study_changed() -> None:
    """Keep the selected layout, the pins and the depth where they fit the study that is open now. For callbacks."""
    forget_gone_study()
    try:
        study = cached.study(st.session_state.get("study") or FIRST)
    except StudyError:
        state.forget_layouts()
    else:
        state.keep_what_fits(study.n_tasks, study.n_blocks)


def open_next(name: str) -> None:
    """Open a study on all pages from the next run on; for what is known only after the sidebar is drawn."""
    st.session_state[_NEXT] = name


def open_requested() -> None:
    """Open the study that ``open_next`` named. Called before the sidebar is drawn."""
    if name := st.session_state.pop(_NEXT, ""):
        open_study(name)


def go_to(page: str) -> None:
    """Switch to a page at the start of the next run. For callbacks.

    Args:
        page: Name of the page's file, such as ``overview``.
    """
    st.session_state[_GOING] = page


def open_on(page: str, name: str) -> None:
    """Open a study and switch to a page. For callbacks."""
    open_study(name)
    go_to(page)


def request_copy(name: str) -> None:
    """Request that the Studies page fills its form with the settings of this study."""
    st.session_state[_COPIED] = name


def study_to_copy() -> str:
    """Return the name of the study to copy, once; empty if there is none."""
    return str(st.session_state.pop(_COPIED, ""))


def follow_request() -> None:
    """Switch to the page that a callback requested."""
    page = st.session_state.pop(_GOING, None)
    if page is not None:
        # Without this argument Streamlit refuses to switch while a control of this page is in the URL.
        st.switch_page(page_path(page), query_params={})


def page_path(page: str) -> Path:
    """Return the file of a page."""
    return PAGES / f"{page}.py"
