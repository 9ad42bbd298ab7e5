"""The three ways on from the Start page: learn, decide, explore."""

from collections.abc import Callable
from textwrap import shorten

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.start.cards import cards
from app.ui import cached
from app.ui.formatting import escape
from app.ui.page_frame import show_errors
from app.ui.paths import PAGES
from core.studies.bundled import FIRST, bundled_studies

_ANCHOR = "studies"
_MOST_OWN = 8
_MOST_LETTERS = 42
_ON = ":material/arrow_forward:"
_LEARN = PAGES / "learn.py"


def show_doors(on_tour: Callable[[], None]) -> None:
    """Show the three doors as equal cards.

    Args:
        on_tour: Called to begin the guided tour.
    """
    with st.grid(3, min_column_width=190):
        if _LEARN.is_file():
            with _door("Learn", ":material/school:", "Lessons of ten minutes: guess first, then see. For a class or "
                       "alone, with notes for teachers."):  # fmt: skip
                st.page_link(_LEARN, label="Lessons", icon=_ON, query_params={})
                st.button("Take the tour", icon=":material/tour:", type="tertiary", on_click=on_tour)
        with _door("Decide", ":material/balance:", "You have tasks and a compute budget. Bring a table of results, "
                   "or have your data measured."):  # fmt: skip
            st.page_link(
                PAGES / "overview.py", label="Your own case", icon=_ON, query_params={"section": "own"},
                help="In a minute, from a table of two-task results",
            )  # fmt: skip
            st.page_link(PAGES / "studies.py", label="Your own data", icon=_ON, query_params={"section": "create"})
        with _door("Explore", ":material/explore:", f"{len(bundled_studies())} measured studies, each with "
                   "its question and what it found."):  # fmt: skip
            st.page_link(PAGES / "overview.py", label="The study above", icon=_ON, query_params={"study": FIRST})
            # Streamlit's own links lead to pages only.
            st.markdown(f"[:material/arrow_downward:\u2002All studies](#{_ANCHOR})")


def _door(title: str, icon: str, words: str) -> DeltaGenerator:
    card = st.container(border=True, height="stretch", gap="small")
    card.header(f"{icon} {title}", anchor=False)
    card.markdown(words)
    # What leads on stands at the bottom of every card.
    card.space("stretch")
    return card.container(horizontal=True, vertical_alignment="center", gap="small", key=f"door-{title.lower()}")


def show_studies() -> None:
    """Show the bundled studies as cards, and the studies of this machine as links."""
    st.header("Explore", anchor=_ANCHOR)
    with st.grid(3, min_column_width=290):
        for card in cards():
            with st.container(border=True, height="stretch", gap="small", key=f"card-{card.name}"):
                st.page_link(
                    PAGES / "overview.py", label=f"**{escape(card.title)}**", query_params={"study": card.name}
                )
                st.markdown(f":gray[{escape(card.question)}]  \n{escape(card.finding)}")
    with show_errors():
        _show_own()


def _show_own() -> None:
    """Show links to the studies of this machine.

    Raises:
        BranchwiseError: They can't be read.
    """
    known = set(bundled_studies())
    own = {name: title for name, title in cached.study_names().items() if name not in known}
    if not own:
        return
    st.subheader("On this machine", anchor=False)
    with st.container(horizontal=True):
        for name, title in list(own.items())[:_MOST_OWN]:
            short = shorten(title, _MOST_LETTERS, placeholder=" …")
            st.page_link(
                PAGES / "overview.py", label=f"**{escape(short)}**", help=None if short == title else escape(title),
                query_params={"study": name},
            )  # fmt: skip
        if len(own) > _MOST_OWN:
            st.page_link(PAGES / "studies.py", label=f"All {len(own)} …", query_params={})
