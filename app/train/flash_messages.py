"""Messages of a callback, shown once in the run that follows it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError

_MESSAGE, _ERROR = "train_message", "train_error"


@contextmanager
def keep_errors() -> Iterator[None]:
    """Keep the sentence of an error until the page is drawn; for callbacks, which draw nothing."""
    try:
        yield
    except BranchwiseError as error:
        st.session_state[_ERROR] = str(error)


def flash(sentence: str) -> None:
    """Keep a sentence until the page is drawn."""
    st.session_state[_MESSAGE] = sentence


def show_flash_messages() -> None:
    """Show what was kept, once."""
    if error := st.session_state.pop(_ERROR, ""):
        st.error(escape(error), icon=":material/error:")
    if message := st.session_state.pop(_MESSAGE, ""):
        st.toast(escape(message), icon=":material/check:")
