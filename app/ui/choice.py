"""One of a few values, in a control whose value the address holds."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

_V = TypeVar("_V", bound=str)


def choice(
    label: str,
    options: Sequence[_V],
    key: str,
    *,
    default: _V | None = None,
    words: Mapping[_V, str] | None = None,
    help: str | None = None,
    labelled: bool = True,
) -> _V:
    """Ask for one of ``options``; what an address says instead of these is passed over.

    Args:
        label: What is asked.
        options: Strings, or members of an enumeration of strings; the address holds them as they are written.
        key: Of the control, and its name in the address.
        default: Chosen at first; the first of the options where nothing else is said.
        words: What the screen calls each of them; as they are written by default.
        help: Explains the control.
        labelled: Whether the label is shown, not only spoken.
    """
    first = options[0] if default is None else default
    known = {str(option): option for option in options}
    chosen = st.segmented_control(
        label,
        list(known),
        default=str(first),
        required=True,
        key=key,
        format_func=lambda name: name if words is None else words[known[name]],
        help=help,
        label_visibility="visible" if labelled else "collapsed",
        bind="query-params",
        persist_state="session",
    )
    return known.get(str(chosen), first)
