"""Links from before there was a Start page: then the root was the Overview."""

import streamlit as st

from app.ui.page_url import is_first_run
from app.ui.paths import PAGES

# Who writes the name of the first page, which has no path of its own, finds it all the same.
START = "start"
# What the root understands itself.
_OWN = ("present", "tour")


def follow_old_link() -> None:
    """Switch to the Overview where a session begins at the root with an address of the Overview, as old links have."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    if is_first_run() and any(name not in _OWN for name in asked):
        st.switch_page(PAGES / "overview.py", query_params=asked)
