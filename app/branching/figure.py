"""The trees over α, and what happens when the figure is used."""

import streamlit as st

from app.branching.controls import ALPHA
from app.branching.reasons import FIRST, SECOND
from app.branching.scene import BranchingScene
from app.branching.split_words import split_sentences
from app.components.alpha_tree import alpha_tree, alpha_tree_data
from app.ui import state
from app.ui.links import layout_code, layout_from_code
from core.errors import LayoutError
from core.selection.alpha_path import kept_alpha
from core.selection.splits import pair_of_group, split_of

KEY = "alpha_tree"
SECTION = "branching_section"
# The branch that was clicked last: its tree, and the pair of tasks that is meant.
_ASKED = "branching_asked"
_CAPTION = "Drag the line, click a small tree, or use the arrow keys. Line width: MACs of a block."
_CLICK = " Click a branch to see why it separates from its neighbour."
_NO_BREAKPOINTS = (
    " The trees come from beam search with regrafting at several α. Breakpoints are exact only among these trees, and "
    "cheaper trees may exist."
)


def show_figure(scene: BranchingScene, alpha: float) -> None:
    """Show the trees for an α."""
    scale, axis = scene.axis
    selectable = scene.entries[0].selectable or scene.entries[-1].selectable
    exact = scene.view.exact is not None
    alpha_tree(
        key=KEY,
        data=alpha_tree_data(
            axis=axis,
            scale=scale,
            packed=scene.packed,
            answer=_answer(scene, alpha),
            drawn=scene.drawing,
            alpha=alpha,
            caption=_CAPTION + (_CLICK if selectable else "") + ("" if exact else _NO_BREAKPOINTS),
            filename=f"branchwise-{scene.study.name}-tree",
            stamp=scene.stamp,
            words={}
            if exact
            else {"strip": "Trees found by beam search with regrafting, each the cheapest of them for some α"},
        ),
        on_alpha=lambda: _alpha_moved(scene),
        on_asked=lambda: _asked(scene),
    )


def _answer(scene: BranchingScene, alpha: float) -> str:
    """Return why the branch that was clicked separates, shown beside it; empty where another tree is shown by now."""
    view, (code, pair) = scene.view, st.session_state.get(_ASKED, ("", None))
    layout = view.step(alpha).tree.layout
    if pair is None or code != layout_code(layout) or max(pair) >= len(view.tasks):
        return ""
    return " ".join(split_sentences(split_of(view, alpha, pair), view.tasks, view.n_depths, plain=True)[:2])


def _alpha_moved(scene: BranchingScene) -> None:
    value = getattr(st.session_state.get(KEY), "alpha", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9:
        st.session_state[ALPHA] = kept_alpha(float(value), scene.view.steps)


def _asked(scene: BranchingScene) -> None:
    """Ask about the pair that a click on a branch means; what the browser sends is checked like any upload."""
    asked = getattr(st.session_state.get(KEY), "asked", None)
    if not isinstance(asked, dict):
        return
    block, group, view = asked.get("block"), asked.get("group"), scene.view
    try:
        layout = layout_from_code(str(asked.get("layout")), len(view.tasks), view.n_depths)
    except LayoutError:
        return
    if not isinstance(block, int) or not 0 <= block < view.n_depths or not isinstance(group, list):
        return
    found = tuple(task for task in group if isinstance(task, int))
    state.choose_depth(block)
    pair = pair_of_group(view, layout, block, found) if found in layout.partitions[block] else None
    st.session_state[_ASKED] = (str(asked.get("layout")), pair)
    if pair is not None:
        st.session_state[FIRST], st.session_state[SECOND] = (view.tasks[task] for task in pair)
        st.session_state[SECTION] = "why"
