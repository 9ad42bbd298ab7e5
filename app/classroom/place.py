"""What a class adds to every page: a bar, and for the presenter a page of their own."""

from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.classroom.room import room_here
from app.classroom.store import held
from app.components.class_bar import class_bar
from app.ui.owner import is_owner

PANEL: Final = "classroom"


def class_pages() -> list[StreamlitPage]:
    """Return the presenter's page where there is a class and this browser is the presenter's; otherwise none."""
    # Once the class has ended, the page says so.
    if room_here() is None or not is_owner():
        return []
    # Few visitors need it, and no link leads to it but the presenter's.
    from app.classroom.panel import show_panel

    return [st.Page(show_panel, title="Class", url_path=PANEL, icon=":material/groups:")]


def show_class_bar(page: str) -> None:
    """Place the bar of the class where there is one.

    Args:
        page: Path of the open page.
    """
    if held() is not None:
        class_bar(presenter=is_owner(), panel=page == PANEL)
