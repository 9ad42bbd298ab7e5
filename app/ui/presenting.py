"""Presenter mode: large type and nothing beside the figures, for a projector; kept in the URL from page to page."""

from collections.abc import Container, Iterable
from typing import Final

import streamlit as st

from app.components.presenter import presenter
from app.ui.page_url import keep, kept
from app.ui.unread_address import refuse

PARAMETER, _SWITCH, _ON = "present", "presenter_switch", "1"
_DRAWN = "presenter_drawn"
_LARGER: Final = 1.75
_HELP = (
    "Large type for a projector, and only figures and what is said of them. The key P begins and ends it. Page Down "
    "and Page Up, → and ←, or a clicker, lead to the next section and page, or back."
)


def begin() -> None:
    """Read the URL when it decides, on every page."""
    if kept(PARAMETER) not in ("", _ON):
        keep(PARAMETER, "")
        refuse(PARAMETER, _ON)


def is_presenting() -> bool:
    """Return whether this page is shown to a room."""
    return st.session_state.get(PARAMETER) == _ON


def stepped(sections: Iterable[str], empty: Container[str]) -> list[str]:
    """Return the sections of a page; to a room only those that have something to show.

    Args:
        sections: Their codes.
        empty: Those in which nothing is shown yet.
    """
    return [code for code in sections if not (is_presenting() and code in empty)]


def enlargement() -> float:
    """Return how much larger text is than usual; what has a width in pixels for it grows as much."""
    return _LARGER if is_presenting() else 1.0


def waits_for_browser() -> bool:
    """Return whether the browser has yet to change the size of its text; asked once in a run.

    True in the one run after presenter mode began or ended, in which the page is not drawn: tables and figures of
    Streamlit ask how large text is only when they are made.
    """
    before, now = st.session_state.get(_DRAWN, False), is_presenting()
    st.session_state[_DRAWN] = now
    return bool(before != now)


def presenter_switch(page: str, *, waits: bool) -> None:
    """Show the switch, and place what makes the page large.

    Args:
        page: Name of the open page.
        waits: Whether the browser is to say when it has done so.
    """
    st.session_state[_SWITCH] = is_presenting()
    st.toggle("Presenter mode", key=_SWITCH, help=_HELP, on_change=_switched)
    presenter(page, on=is_presenting(), waits=waits, key="presenter", on_toggle=_turned)


def _switched() -> None:
    keep(PARAMETER, _ON if st.session_state[_SWITCH] else "")


def _turned() -> None:
    keep(PARAMETER, "" if is_presenting() else _ON)
