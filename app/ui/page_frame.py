"""The frame of every page: title, error messages, notes on how a figure is computed."""

from types import TracebackType
from typing import Literal

import streamlit as st

from app.server.docs_site import docs_link
from app.ui.formatting import escape
from app.ui.presenting import is_presenting
from core.errors import BranchwiseError


class show_errors:  # noqa: N801  # used as a function, as contextlib.suppress is
    """Show a BranchwiseError as a message; the rest of the page is drawn as usual."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, BranchwiseError):
            return False
        st.error(escape(str(error)), icon=":material/error:")
        return True


def page_head(title: str, question: str, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Show the title of a page and the question it answers.

    Args:
        title: Of the page.
        question: It answers.
        width: Of both together; "content" where a control stands beside them.
    """
    with st.container(gap=None, width=width):
        st.title(title, anchor=False)
        st.caption(question)


def how_computed(text: str, question: str = "How is this computed?") -> None:
    """Explain a figure: formula and source, folded away; not on a projector."""
    if is_presenting():
        return
    with st.expander(question, icon=":material/function:"):
        st.markdown(text)
        if more := docs_link("numbers.html"):
            st.caption(f"[What each number means]({more}), with all terms")
