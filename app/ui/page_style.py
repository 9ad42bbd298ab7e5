"""The page's own style, beside the theme in ``.streamlit/config.toml``."""

from functools import cache
from pathlib import Path

import streamlit as st

_FILE = Path(__file__).with_name("page_style.css")


def page_style() -> None:
    """Add the style to the page."""
    st.html(f"<style>{_text()}</style>")


@cache
def _text() -> str:
    return _FILE.read_text(encoding="utf-8")
