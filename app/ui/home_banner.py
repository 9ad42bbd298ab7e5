"""What every page says where nothing can be stored, and why a button that would write is disabled."""

from pathlib import Path

import streamlit as st

from app.ui.formatting import escape
from app.ui.page_frame import show_errors
from core.studies.database import Database
from core.studies.home import home
from core.studies.home_state import why_read_only

_FRESH_SECONDS = 3


def show_home_banner() -> None:
    """Show why nothing can be stored, where that is so; what can be read is shown all the same."""
    with show_errors():
        _show()


def _show() -> None:
    if fault := Database.at_home().fault:
        st.error(f"{escape(fault)} Until then only the bundled studies are shown.", icon=":material/database_off:")
    elif reason := why_not_store():
        st.warning(escape(reason), icon=":material/lock:")


def why_not_store() -> str:
    """Return why nothing can be stored, as a sentence; an empty text where something can."""
    return Database.at_home().fault or _why_read_only(home())


@st.cache_data(ttl=_FRESH_SECONDS, max_entries=8, show_spinner=False)
def _why_read_only(folder: Path) -> str:
    return why_read_only(folder)
