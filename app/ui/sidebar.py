"""The shared sidebar: which study, which layouts are pinned."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from app.ui import cached, state
from app.ui.formatting import escape, layout_sentence
from app.ui.glossary import explain
from app.ui.gone_study import note_gone_study, show_gone_study
from app.ui.opening import open_requested, study_changed
from app.ui.page_frame import show_errors
from app.ui.sidebar_status import show_status
from app.ui.url_state import name_choice
from core.studies.bundled import FIRST
from core.studies.study import Study

# Of a title, as many as the list shows.
_LETTERS = 18


def sidebar() -> None:
    """Draw the list of studies and the pinned layouts."""
    open_requested()
    names: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    chosen: str | None = None
    with st.sidebar, show_errors():
        names = cached.study_names()
        note_gone_study(names)
        options = sorted(names, key=lambda name: (name != FIRST, name))
        labels = title_labels(names)
        chosen = name_choice(
            "Study",
            options,
            "study",
            labels=labels,
            help="A data set, its tasks, a backbone, and all results.",
            on_change=study_changed,
        )
        if chosen:
            # Names are the options, titles what is read: the URL holds names, and titles change.
            if len(labels[chosen]) > _LETTERS:
                st.caption(escape(labels[chosen]))
            show_status(chosen)
            _pins(cached.study(chosen))
    # Above the page: the sidebar may be closed.
    if chosen:
        show_gone_study(labels[chosen], names)


def title_labels(names: Mapping[str, str]) -> dict[str, str]:
    """Return what the screen calls each study: its title, with its name where another study has the same title.

    Args:
        names: Name → title.
    """
    several = Counter(names.values())
    return {name: title if several[title] == 1 else f"{title} ({name})" for name, title in names.items()}


def current_study() -> Study:
    """Return the study selected in the sidebar.

    Raises:
        StudyError: There is none.
    """
    return cached.study(st.session_state.get("study") or FIRST)


def _pins(study: Study) -> None:
    found = state.pins(study.n_tasks, study.n_blocks)
    st.caption("Pinned layouts", help=explain("layout"))
    if not found:
        st.caption("None yet. Pin up to four on the Budget page to compare them.")
    for letter, layout in zip("ABCD", found, strict=False):
        words = layout_sentence(layout, study.task_names)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"**{letter}** {escape(words)}", width="stretch")
            st.button(
                f"Unpin {letter}",
                icon=":material/close:",
                key=f"unpin-{letter}",
                type="tertiary",
                on_click=state.unpin,
                args=(layout,),
            )
