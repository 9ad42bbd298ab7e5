"""Sentences for the user: faults, empty places, how a figure was made."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError


@contextmanager
def sentences() -> Iterator[None]:
    """Show a fault of ours as its sentence, and let the rest of the page stand."""
    try:
        yield
    except BranchwiseError as fault:
        st.error(escape(str(fault)), icon=":material/error:")


def page_head(title: str, question: str) -> None:
    """Give a page its title and the question it answers."""
    with st.container(gap=None):
        st.title(title, anchor=False)
        st.caption(question)


def how_computed(text: str, question: str = "How is this computed?") -> None:
    """Explain a figure: formula and source, folded away."""
    with st.expander(question, icon=":material/function:"):
        st.markdown(text)
