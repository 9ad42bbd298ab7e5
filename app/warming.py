"""Compile the search before anyone waits for it."""

import threading

import streamlit as st

from core.selection.search import warm_up


@st.cache_resource
def warm_up_once() -> bool:
    """Start compiling in the background, once per server; the page is already painted by then."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    return True
