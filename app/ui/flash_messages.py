"""Messages of callbacks, shown once in the next run of the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError

_MESSAGE, _ERROR = "flash_message", "flash_error"


@contextmanager
def keep_errors() -> Iterator[None]:
    """Keep the message of an error until the page is drawn; for callbacks."""
    try:
        yield
    except BranchwiseError as error:
        flash(str(error), error=True)


@contextmanager
def reported(success: str) -> Iterator[None]:
    """Keep a success message, or the message of the error raised in the block."""
    with keep_errors():
        yield
        flash(success)


def flash(sentence: str, *, error: bool = False) -> None:
    """Keep a message until the page is drawn."""
    st.session_state[_ERROR if error else _MESSAGE] = sentence


def show_flash_messages(*, toast: bool = True) -> None:
    """Show the kept messages once.

    Args:
        toast: Whether a message disappears by itself; errors stay.
    """
    if error := st.session_state.pop(_ERROR, ""):
        st.error(escape(error), icon=":material/error:")
    if message := st.session_state.pop(_MESSAGE, ""):
        if toast:
            st.toast(escape(message), icon=":material/check:")
        else:
            st.success(escape(message), icon=":material/check_circle:")


def show_left_messages() -> None:
    """Show the messages that the page had no place for, at the edge of the window."""
    for name, icon in ((_ERROR, ":material/error:"), (_MESSAGE, ":material/check:")):
        if sentence := st.session_state.pop(name, ""):
            st.toast(escape(sentence), icon=icon, duration="infinite" if name == _ERROR else "long")
