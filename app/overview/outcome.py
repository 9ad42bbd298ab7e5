"""How a write ended: kept from the callback that made it to the page that says it."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError

_OUTCOME = "overview_outcome"


@contextmanager
def reported(success: str) -> Iterator[None]:
    """Remember that what stands inside went well, or the sentence of its fault."""
    try:
        yield
    except BranchwiseError as fault:
        say(str(fault), well=False)
    else:
        say(success)


def say(sentence: str, *, well: bool = True) -> None:
    """Remember a sentence about how a write ended."""
    st.session_state[_OUTCOME] = (well, sentence)


def show_outcome() -> None:
    """Say how the last write ended, once."""
    found = st.session_state.pop(_OUTCOME, None)
    if found is None:
        return
    went_well, sentence = found
    if went_well:
        st.success(escape(sentence), icon=":material/check_circle:")
    else:
        st.error(escape(sentence), icon=":material/error:")
