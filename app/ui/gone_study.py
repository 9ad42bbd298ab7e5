"""A study that a link names, or that was open, and is there no more: another one is shown, and that is said."""

from collections.abc import Collection

import streamlit as st

from app.ui.formatting import escape

_GONE = "study_gone"
_MOST_LETTERS = 80


def note_gone_study(names: Collection[str]) -> None:
    """Note which study is wanted and gone. Called before the control of the study puts another in its place.

    Args:
        names: Of the studies that are there.
    """
    wanted = st.session_state.get("study") or st.query_params.get("study")
    if wanted and wanted not in names:
        st.session_state[_GONE] = wanted


def forget_gone_study() -> None:
    """Say nothing of it any more. For callbacks: somebody chose a study."""
    st.session_state.pop(_GONE, None)


def show_gone_study(shown: str, names: Collection[str]) -> None:
    """Say which study is gone, until one is chosen.

    Args:
        shown: What the screen calls the study that is shown instead.
        names: Of the studies that are there.
    """
    gone = str(st.session_state.get(_GONE, ""))
    if gone in names:
        forget_gone_study()
    elif gone:
        short = gone if len(gone) <= _MOST_LETTERS else f"{gone[:_MOST_LETTERS]}…"
        st.warning(
            f"There is no study “{escape(short)}” here: it was deleted, or never stored. You see “{escape(shown)}”.",
            icon=":material/database_off:",
        )
