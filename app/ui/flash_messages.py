"""Messages of a callback, shown once in the run that follows it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError

_MESSAGE, _ERROR = "flash_message", "flash_error"


@contextmanager
def keep_errors() -> Iterator[None]:
    """Keep the sentence of an error until the page is drawn; for callbacks, which draw nothing."""
    try:
        yield
    except BranchwiseError as error:
        flash(str(error), error=True)


@contextmanager
def reported(success: str) -> Iterator[None]:
    """Keep a sentence that what stands inside went well, or the sentence of its error."""
    with keep_errors():
        yield
        flash(success)


def flash(sentence: str, *, error: bool = False) -> None:
    """Keep a sentence until the page is drawn."""
    st.session_state[_ERROR if error else _MESSAGE] = sentence


def show_flash_messages(*, toast: bool = True) -> None:
    """Show what was kept, once.

    Args:
        toast: Whether a message goes away by itself; errors stay.
    """
    if error := st.session_state.pop(_ERROR, ""):
        st.error(escape(error), icon=":material/error:")
    if message := st.session_state.pop(_MESSAGE, ""):
        if toast:
            st.toast(escape(message), icon=":material/check:")
        else:
            st.success(escape(message), icon=":material/check_circle:")
