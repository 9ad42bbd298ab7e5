"""Which backbone is shown, and which of its branching points are kept. Every value is in the address."""

import streamlit as st

from app.backbone.model import BackboneView, equal_starts, picked_starts
from app.components.block_cuts import block_cuts, block_cuts_data
from app.ui.glossary import explain
from app.ui.url_state import choice, listed_choice, numbers, slider, whole_number
from core.backbones import Backbone
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.studies.study import Study
from core.tasks import MAX_TASKS

OF_STUDY = "study"
NOTHING = "none"
ALL, MERGED, BY_HAND = "all", "merged", "hand"
CUTS = {ALL: "All", MERGED: "Merged", BY_HAND: "Manual"}
_FIRST_MERGE = 5
_STRIP = "block_cuts"


def backbone_input(study: Study) -> Backbone:
    """Ask which backbone to show."""
    chosen = listed_choice(
        "Backbone",
        [OF_STUDY, *bundled_backbones()],
        "backbone",
        labels={OF_STUDY: f"{study.backbone.name} (this study)"},
        help=explain("backbone"),
        on_change=_forget_points,
    )
    return backbone_called(chosen, study)


def other_input(study: Study) -> Backbone | None:
    """Ask which second backbone to compare with; None for none."""
    chosen = listed_choice(
        "Compare with",
        [NOTHING, OF_STUDY, *bundled_backbones()],
        "with",
        labels={NOTHING: "Choose a second backbone …", OF_STUDY: f"{study.backbone.name} (this study)"},
        width=340,
    )
    return None if chosen == NOTHING else backbone_called(chosen, study)


def backbone_called(name: str, study: Study) -> Backbone:
    """Return the backbone that a choice means.

    Raises:
        BackboneError: There is no such profile.
    """
    return study.backbone if name == OF_STUDY else load_backbone(name)


def tasks_input(study: Study) -> int:
    """Ask for how many tasks layouts are counted."""
    return whole_number("Tasks", 2, MAX_TASKS, study.n_tasks, "tasks", help=explain("task"), width=130)


def cut_input() -> str:
    """Ask how branching points are chosen."""
    return choice("Branching points", list(CUTS), "cut", labels=CUTS, help=explain("branching point"))


def points_input(whole: Backbone, cut: str) -> BackboneView:
    """Ask for the number of blocks, or for each branching point, and give the backbone so merged."""
    n = whole.n_blocks
    if cut == ALL or n < 2:
        return BackboneView(whole, tuple(range(n)))
    if cut == BY_HAND:
        return BackboneView(whole, _picked(whole))
    first = min(_FIRST_MERGE, n)
    merged = slider(
        "Blocks after merging",
        1,
        n,
        first,
        "blocks",
        help="Adjacent blocks are merged so that all have nearly equal MACs.",
    )
    return BackboneView(whole, equal_starts(whole, merged))


def _picked(whole: Backbone) -> tuple[int, ...]:
    options = list(range(1, whole.n_blocks))
    usual = list(equal_starts(whole, min(_FIRST_MERGE, whole.n_blocks)))[1:]
    # The strip stands above the numbers, which hold what is chosen and are in the address.
    strip = st.container()
    starts = picked_starts(numbers("Branch before block", options, usual, "starts"), whole.n_blocks)
    with strip:
        data = block_cuts_data([block.name for block in whole.blocks], starts[1:])
        block_cuts(key=_STRIP, data=data, on_starts=lambda: _moved(whole.n_blocks))
    return starts


def _moved(n_blocks: int) -> None:
    """Take over what was dragged; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(_STRIP), "starts", None)
    if isinstance(value, list) and all(isinstance(at, int | float) and not isinstance(at, bool) for at in value):
        st.session_state["starts"] = list(picked_starts([int(at) for at in value if at == at // 1], n_blocks))[1:]


def _forget_points() -> None:
    for key in ("blocks", "starts"):
        st.session_state.pop(key, None)
