"""Opening a study on all pages, and going to the page that shows it."""

from pathlib import Path

import streamlit as st

from app.ui import state
from app.ui.paths import PAGES

_GOING, _COPIED = "page_to_open", "study_to_copy"


def open_study(name: str) -> None:
    """Open a study on all pages; to be called from a callback, before the sidebar draws its chooser."""
    st.session_state["study"] = name
    state.forget_layouts()


def go_to(page: str) -> None:
    """Leave for a page when this run of the script has begun anew; to be called from a callback.

    Args:
        page: Name of the page's file, such as ``overview``.
    """
    st.session_state[_GOING] = page


def open_on(page: str, name: str) -> None:
    """Open a study and leave for a page; to be called from a callback."""
    open_study(name)
    go_to(page)


def ask_to_copy(name: str) -> None:
    """Have the Studies page fill its form for a new study with the settings of this one."""
    st.session_state[_COPIED] = name


def study_to_copy() -> str:
    """Return the name of the study whose settings were asked for, once; empty where there is none."""
    return str(st.session_state.pop(_COPIED, ""))


def go_on() -> None:
    """Leave where a button asked for it."""
    page = st.session_state.pop(_GOING, None)
    if page is not None:
        # Without this argument Streamlit refuses to leave while a control of this page is in the address.
        st.switch_page(page_path(page), query_params={})


def page_path(page: str) -> Path:
    """Return the file of a page."""
    return PAGES / f"{page}.py"
