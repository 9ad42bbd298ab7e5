"""Which backbone is shown, and which of its branching points are kept. Every value is in the address."""

import streamlit as st

from app.backbone.model import BackboneView, equal_starts, picked_starts
from app.ui.choice import choice
from app.ui.glossary import explain
from core.backbones import Backbone
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.studies.study import Study
from core.tasks import MAX_TASKS

OF_STUDY = "study"
NOTHING = "none"
# The address holds what a control shows, so these are plain words.
ALL, MERGED, BY_HAND = CUTS = ("all found", "merged", "by hand")
_FIRST_MERGE = 5


def backbone_input(study: Study) -> Backbone:
    """Ask which backbone to show."""
    own = f"{study.backbone.name} (this study)"
    chosen = st.selectbox(
        "Backbone",
        [OF_STUDY, *bundled_backbones()],
        key="backbone",
        format_func=lambda name: own if name == OF_STUDY else name,
        help=explain("backbone"),
        on_change=_forget_points,
        bind="query-params",
        persist_state="session",
    )
    return backbone_called(chosen, study)


def other_input(study: Study) -> Backbone | None:
    """Ask which second backbone to compare with; None for none."""
    chosen = st.selectbox(
        "Compare with",
        [NOTHING, OF_STUDY, *bundled_backbones()],
        key="with",
        format_func=lambda name: {
            NOTHING: "Choose a second backbone …",
            OF_STUDY: f"{study.backbone.name} (this study)",
        }.get(name, name),
        bind="query-params",
        persist_state="session",
        width=340,
    )
    return None if chosen in (None, NOTHING) else backbone_called(chosen, study)


def backbone_called(name: str | None, study: Study) -> Backbone:
    """Give the backbone that a choice means.

    Raises:
        BackboneError: There is no such profile.
    """
    return study.backbone if name in (None, OF_STUDY) else load_backbone(name)


def tasks_input(study: Study) -> int:
    """Ask for how many tasks layouts are counted."""
    value = st.number_input(
        "Tasks",
        2,
        MAX_TASKS,
        study.n_tasks,
        key="tasks",
        help=explain("task"),
        bind="query-params",
        persist_state="session",
        width=130,
    )
    return min(MAX_TASKS, max(2, int(value)))


def cut_input() -> str:
    """Ask how branching points are chosen."""
    return choice("Branching points", CUTS, "cut", default=ALL, help=explain("branching point"))


def points_input(whole: Backbone, cut: str) -> BackboneView:
    """Ask for the number of blocks, or for each branching point, and give the backbone so merged."""
    n = whole.n_blocks
    if cut == ALL or n < 2:
        return BackboneView(whole, tuple(range(n)))
    if cut == BY_HAND:
        return BackboneView(whole, _picked(whole))
    first = min(_FIRST_MERGE, n)
    value = st.slider(
        "Blocks after merging",
        1,
        n,
        first,
        key="blocks",
        help="Adjacent blocks are joined so that all have nearly equal MACs.",
        bind="query-params",
        persist_state="session",
    )
    return BackboneView(whole, equal_starts(whole, min(n, max(1, int(value)))))


def _picked(whole: Backbone) -> tuple[int, ...]:
    options = list(range(1, whole.n_blocks))
    chosen = st.pills(
        "Branch before block",
        options,
        selection_mode="multi",
        default=list(equal_starts(whole, min(_FIRST_MERGE, whole.n_blocks)))[1:],
        key="starts",
        format_func=lambda at: str(at + 1),
        bind="query-params",
        persist_state="session",
    )
    return picked_starts(chosen or [], whole.n_blocks)


def _forget_points() -> None:
    for key in ("blocks", "starts"):
        st.session_state.pop(key, None)
