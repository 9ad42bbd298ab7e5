"""A control of several options at once, whose codes are in the URL as those of ``app.ui.url_state`` are."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.ui.page_url import url_value, write
from app.ui.unread_address import codes_rule, refuse

_BETWEEN, _NONE = "-", "none"


def several(
    label: str,
    options: Sequence[str],
    default: Sequence[str],
    key: str,
    *,
    labels: Mapping[str, str],
    help: str | None = None,
) -> list[str]:
    """Ask for some of many options; the URL holds their codes in the order of the options, or "none".

    Args:
        label: What is asked.
        options: Codes, in letters and digits.
        default: Chosen at first, and left out of the URL.
        key: Of the control, and its name in the URL.
        labels: What the screen calls each of them.
        help: Explains the control.
    """
    arriving = url_value(key, key)
    if arriving is not None:
        codes = [] if arriving == _NONE else arriving.split(_BETWEEN)
        fits = all(code in options for code in codes)
        st.session_state[key] = codes if fits else list(default)
        if not fits:
            refuse(key, f"codes of {codes_rule(options)} with {_BETWEEN} between them", _BETWEEN.join(default) or _NONE)
    held = st.session_state.get(key)
    known = isinstance(held, list) and all(code in options for code in held)
    st.session_state[key] = [code for code in options if code in held] if known and held is not None else list(default)
    # Not a multiselect, whose chips are too pale in the dark scheme.
    chosen = st.pills(
        label, options, selection_mode="multi", key=key, format_func=lambda code: labels.get(code, code), help=help,
        persist_state="session",
    )  # fmt: skip
    found = [code for code in options if code in (chosen or [])]
    write(key, "" if found == list(default) else _BETWEEN.join(found) or _NONE)
    return found
