"""The runs selected in the table of jobs, kept for the whole session."""

from collections.abc import Sequence

import streamlit as st

from app.components.runs_table import Choice, choice_of

TABLE = "runs_table"
_KEYS, _COUNT = "chosen_runs", "chosen_runs_count"


def chosen_runs() -> Choice:
    """Return the selected runs, including a selection that has just arrived from the browser.

    A button may be pressed right after a box is ticked, so its callback must not depend on
    whether the table's own callback ran first.
    """
    fresh = choice_of(st.session_state.get(TABLE))
    if fresh.count > st.session_state.get(_COUNT, 0):
        st.session_state[_KEYS], st.session_state[_COUNT] = list(fresh.keys), fresh.count
    return Choice(tuple(st.session_state.get(_KEYS) or ()), st.session_state.get(_COUNT, 0))


def keep_choice() -> None:
    """Store the selection made in the browser. A callback."""
    chosen_runs()


def drop_unknown(known: Sequence[str]) -> None:
    """Remove runs from the selection that are not stored any more.

    Args:
        known: Keys of the selected runs that are stored.
    """
    st.session_state[_KEYS] = [key for key in chosen_runs().keys if key in known]
