"""Sentences for the user: faults, empty places, how a figure was made."""

from types import TracebackType

import streamlit as st

from app.ui.formatting import escape
from core.errors import BranchwiseError


class sentences:  # noqa: N801  # used as a function, as contextlib.suppress is
    """Show an error of ours as its sentence, and let the rest of the page stand."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, BranchwiseError):
            return False
        st.error(escape(str(error)), icon=":material/error:")
        return True


def page_head(title: str, question: str) -> None:
    """Give a page its title and the question it answers."""
    with st.container(gap=None):
        st.title(title, anchor=False)
        st.caption(question)


def how_computed(text: str, question: str = "How is this computed?") -> None:
    """Explain a figure: formula and source, folded away."""
    with st.expander(question, icon=":material/function:"):
        st.markdown(text)
