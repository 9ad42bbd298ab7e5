"""What the last press of a button came to, said once in the run that follows."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError

_SAID, _FAULT = "train_said", "train_fault"


@contextmanager
def remembered() -> Iterator[None]:
    """Keep a fault of ours as its sentence until the page is drawn; for callbacks, which draw nothing."""
    try:
        yield
    except BranchwiseError as fault:
        st.session_state[_FAULT] = str(fault)


def remember(sentence: str) -> None:
    """Keep a sentence until the page is drawn."""
    st.session_state[_SAID] = sentence


def show_said() -> None:
    """Show what was kept, once."""
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(escape(fault), icon=":material/error:")
    if said := st.session_state.pop(_SAID, ""):
        st.toast(escape(said), icon=":material/check:")
