"""The shared sidebar: which study, which layouts and other networks are pinned."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.ui import cached, state
from app.ui.formatting import escape, plural
from app.ui.glossary import explain
from app.ui.gone_study import note_gone_study, show_gone_study
from app.ui.layout_words import layout_sentence
from app.ui.opening import open_requested, study_changed
from app.ui.page_frame import show_errors
from app.ui.sidebar_status import show_status
from app.ui.url_state import name_choice
from core.errors import StudyError
from core.studies.bundled import FIRST
from core.studies.study import Study

# Of a title, as many as the list shows.
_LETTERS = 18


@dataclass(frozen=True, slots=True)
class PinnedNetwork:
    """A pinned network that is no layout.

    Args:
        words: What it is.
        unpin: Called to remove the pin.
    """

    words: str
    unpin: Callable[[], None]


def sidebar(networks: Callable[[Study], Sequence[PinnedNetwork]] = lambda _study: ()) -> None:
    """Draw the list of studies and what is pinned.

    Args:
        networks: Returns the pinned networks of a study that are no layouts.
    """
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
            # Why a study can't be read is said by the page, once.
            with suppress(StudyError):
                _pins(study := cached.study(chosen), networks(study))
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


def _pins(study: Study, networks: Sequence[PinnedNetwork]) -> None:
    if n_damaged := state.drop_damaged_pins(study.n_tasks, study.n_blocks):
        it = "it" if n_damaged == 1 else "them"
        st.warning(
            f"This link pins {plural(n_damaged, 'layout')} in a form that can't be read, so nothing is pinned for "
            f"{it}. Pin {it} again on Budget."
        )
    layouts = state.pins(study.n_tasks, study.n_blocks)
    found = [
        *(PinnedNetwork(layout_sentence(each, study.task_names), partial(state.unpin, each)) for each in layouts),
        *networks,
    ][: state.MAX_PINS]
    st.caption("Pinned networks" if networks else "Pinned layouts", help=explain("layout"))
    if not found:
        st.caption("None yet. Pin up to four on the Budget or Compare page to compare them.")
    for letter, pinned in zip("ABCD", found, strict=False):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"**{letter}** {escape(pinned.words)}", width="stretch")
            st.button(
                f"Unpin {letter}",
                icon=":material/close:",
                key=f"unpin-{letter}",
                type="tertiary",
                on_click=pinned.unpin,
            )
