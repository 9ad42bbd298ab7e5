"""The current tree depth by depth, and the whole path, as tables and files."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from app.branching.model import layout_label
from app.branching.scene import BranchingScene
from app.ui import state
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.layout_words import group_words, layout_sentence
from app.ui.paths import PAGES
from app.ui.state import open_pair
from app.ui.written_table import SENTENCES, WHOLE, row_height

_DEPTH = "branching_depth"
# Narrow enough for the last column of a window of 1,024 pixels.
_GROUPS = 140


def show_depths(scene: BranchingScene, alpha: float) -> None:
    """Show what the current tree costs at every depth, as a table."""
    case, layout = scene.view.case, scene.view.step(alpha).tree.layout
    clustering, complexity = case.terms(layout)
    frame = pd.DataFrame(
        {
            "block": range(1, case.n_depths + 1),
            "branches": layout.group_counts,
            "groups": [" | ".join(", ".join(scene.view.tasks[t] for t in g) for g in p) for p in layout.partitions],
            "downsampling steps after": case.downsamplings,
            "clustering": clustering,
            "complexity": complexity,
            "α · complexity": alpha * complexity,
            "cost": clustering + alpha * complexity,
        }
    )
    number, last = st.column_config.NumberColumn(format="%.3f"), "downsampling steps after"
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            **dict.fromkeys(("clustering", "α · complexity", "cost"), number),
            "complexity": st.column_config.NumberColumn(format="%.4g"),
            "downsampling steps after": st.column_config.NumberColumn(
                "steps", format="%.3g", help="Remaining downsampling steps after this block"
            ),
            "groups": st.column_config.TextColumn(width=_GROUPS),
        },
        column_order=[str(name) for name in frame if name != last] + [last],
        row_height=row_height(frame["groups"], _GROUPS),
        alt=f"Clustering and complexity of the tree at every block, for α = {alpha:g}",
    )
    _show_depth(scene)


def _show_depth(scene: BranchingScene) -> None:
    """Show distances at the depth that all pages share, and link to its heatmap."""
    n = scene.view.n_depths
    chosen = state.depth(n)
    depth = (n - 1) // 2 if chosen is None else chosen
    # Other pages and a click on a branch choose a depth too.
    st.session_state[_DEPTH] = depth
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Depth",
            range(n),
            key=_DEPTH,
            format_func=lambda place: f"Block {place + 1}",
            on_change=_depth_chosen,
            help="Also the depth shown on the Affinity page",
            width=130,
        )
        far, tasks = scene.view.case.distances[depth], scene.view.tasks
        first, second = np.triu_indices(len(tasks), 1)
        near, wide = int(far[first, second].argmin()), int(far[first, second].argmax())
        said = [
            f"{word} {escape(group_words((int(first[at]), int(second[at])), tasks))} ({far[first[at], second[at]]:.3f})"
            for word, at in (("smallest distance:", near), ("largest distance:", wide))
        ]
        st.markdown(f"After block {depth + 1}, {said[0]}; {said[1]}.", help=explain("distance"), width="stretch")
        if st.button(
            "Show affinities",
            icon=":material/grid_on:",
            on_click=open_pair,
            args=(int(first[near]), int(second[near])),
            help="Open the heatmap of this depth with the closest pair",
        ):
            st.switch_page(PAGES / "affinity.py", query_params={})


def _depth_chosen() -> None:
    chosen = st.session_state.get(_DEPTH)
    if isinstance(chosen, int):
        state.choose_depth(chosen)


def path_frame(scene: BranchingScene) -> pd.DataFrame:
    """Return every tree of the path with its interval of α and both terms of its cost."""
    tasks = scene.view.tasks
    return pd.DataFrame(
        [
            {
                "tree": place,
                "from_alpha": step.start,
                "to_alpha": None if step.end == math.inf else step.end,
                "clustering": step.tree.clustering,
                "complexity": step.tree.complexity,
                "branches": layout_label(step.tree.layout),
                "layout": step.tree.layout.to_text(tasks),
                "sentence": layout_sentence(step.tree.layout, tasks),
            }
            for place, step in enumerate(scene.view.steps, start=1)
        ]
    )


def show_path(scene: BranchingScene) -> None:
    """Show the whole path, as a table."""
    number, frame = st.column_config.NumberColumn(format="%.4g"), path_frame(scene).drop(columns="layout")
    st.dataframe(
        frame,
        hide_index=True,
        column_order=["tree", "sentence", "from_alpha", "to_alpha", "clustering", "complexity", "branches"],
        column_config={
            "from_alpha": st.column_config.NumberColumn("from α", format="%.4g"),
            "to_alpha": st.column_config.NumberColumn("to α", format="%.4g"),
            "clustering": number,
            "complexity": number,
            "branches": st.column_config.TextColumn("branches per block"),
            "sentence": st.column_config.TextColumn("layout", width=SENTENCES),
        },
        row_height=row_height(frame["sentence"]),
        height="content" if len(frame) <= WHOLE else 640,
        placeholder="–",
        alt="Every tree that is the cheapest for some α",
    )
