"""Which depth and which pair the Affinity page shows: the depth is that of all pages, the pair is kept here."""

import streamlit as st

from app.affinity.model import AffinityView
from app.ui import state
from app.ui.page_url import keep, kept
from app.ui.unread_address import refuse

KEY = "affinity_map"


def depth_shown(n_depths: int) -> int:
    """Return the depth that is shown, counted from 0; the middle one where none was chosen or it is not there."""
    found = state.depth(n_depths)
    return (n_depths - 1) // 2 if found is None else found


def pair_shown(view: AffinityView, depth: int) -> tuple[int, int]:
    """Return the pair that is open, the smaller index first; the closest of a depth where none, or no such, was chosen.

    Args:
        view: The affinities.
        depth: The depth that is shown, counted from 0.
    """
    found = pair_of(kept(state.PAIR).split("-"), len(view.tasks))
    if found is None:
        keep(state.PAIR, "")
        refuse(state.PAIR, "the numbers of two tasks from 0, such as 0-1")
    return view.closest(depth) if found is None else found


def pair_of(value: object, n_tasks: int) -> tuple[int, int] | None:
    """Return a pair of tasks from what an address or a browser sent, or None where it is none.

    >>> pair_of(["2", "0"], 3), pair_of([1, 1], 3), pair_of("01", 3)
    ((0, 2), None, None)
    """
    if not isinstance(value, list) or len(value) != 2:
        return None
    tasks = [int(each) if str(each).isdecimal() and len(str(each)) < 4 else -1 for each in value]
    low, high = min(tasks), max(tasks)
    return (low, high) if 0 <= low < high < n_tasks else None


def depth_moved(n_depths: int) -> None:
    """Write down the depth that the browser came to rest at; what it sends is checked like any upload."""
    value = getattr(st.session_state.get(KEY), "depth", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(n_depths):
        state.choose_depth(int(value))


def pair_opened(n_tasks: int) -> None:
    """Write down the pair that was opened in the browser."""
    found = pair_of(getattr(st.session_state.get(KEY), "pair", None), n_tasks)
    if found is not None:
        state.open_pair(*found)
