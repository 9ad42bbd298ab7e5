"""What the URL of the open page holds: which of its names decide now, and what is written back.

The URL decides when a page is opened by a link and when the browser goes back or forward; from then on the session
does. What links of earlier versions say is translated by ``app.ui.old_links``.
"""

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.ui import unread_address
from app.ui.old_links import OLD_NAMES

_URL = "url_of_page"


@dataclass(slots=True)
class _Page:
    """The page that is open, and which names of its URL were read and are in use.

    Args:
        name: Of the page.
        read: Names whose value was taken from the URL since the page was opened.
        in_use: Names that the present run of the page has used.
    """

    name: str
    read: set[str] = field(default_factory=set)
    in_use: set[str] = field(default_factory=set)


def is_first_run() -> bool:
    """Return whether no page was open in this session before; asked before ``begin``."""
    return _URL not in st.session_state


def begin(page: str) -> None:
    """Begin a run of a page: a page that was not open before takes its values from the URL."""
    is_new = _page().name != page
    if is_new:
        st.session_state[_URL] = _Page(page)
    unread_address.begin(is_new=is_new)
    _page().in_use = set()


def end() -> None:
    """End a run of a page: what no control of it used is removed from the URL, such as that of a closed section."""
    page = _page()
    for name in page.read - page.in_use:
        write(name, "")
        page.read.discard(name)


def kept(name: str) -> str:
    """Return a text that the URL and the session keep under one name, empty where there is none."""
    found = url_value(name, name)
    text = str(st.session_state.get(name, "")) if found is None else found
    keep(name, text)
    return text


def keep(name: str, text: str) -> None:
    """Keep a text under a name in the URL and the session; an empty one is removed."""
    st.session_state[name] = text
    write(name, text)


def url_value(name: str, key: str) -> str | None:
    """Return what the URL decides: a text, empty for its absence, or None where the session decides."""
    page, ctx = _page(), get_script_run_ctx()
    page.in_use.add(name)
    went_back = ctx is not None and ctx.is_history_navigation
    is_new = name not in page.read
    if not (is_new or went_back):
        return None
    page.read.add(name)
    names = (name, *OLD_NAMES.get(key, ()))
    found = next((st.query_params[each] for each in names if each in st.query_params), None)
    if found:
        unread_address.arrived(name, found)
    for each in names[1:]:
        write(each, "")
    # A page that is opened without a value keeps that of the session; going back to none means the default.
    return "" if found is None and went_back and not is_new else found


def write(name: str, value: str) -> None:
    """Write a value to the URL; an empty one is removed."""
    if value:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _page() -> _Page:
    page: _Page = st.session_state.setdefault(_URL, _Page(""))
    return page
