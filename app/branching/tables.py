"""The current tree depth by depth, and the whole path, as tables and files."""

import math

import pandas as pd
import streamlit as st

from app.branching.scene import BranchingScene
from app.views.branching import layout_label
from app.words import layout_sentence


def show_depths(scene: BranchingScene, alpha: float) -> None:
    """Show what the current tree costs at every depth, the table twin of the bars."""
    case, layout = scene.view.case, scene.view.step(alpha).tree.layout
    clustering, complexity = case.terms(layout)
    frame = pd.DataFrame(
        {
            "block": range(1, case.n_depths + 1),
            "branches": layout.group_counts,
            "groups": [" | ".join(", ".join(scene.view.tasks[t] for t in g) for g in p) for p in layout.partitions],
            "down-samplings after": case.downsamplings,
            "clustering": clustering,
            "complexity": complexity,
            "α · complexity": alpha * complexity,
            "cost": clustering + alpha * complexity,
        }
    )
    number = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            **dict.fromkeys(("clustering", "α · complexity", "cost"), number),
            "complexity": st.column_config.NumberColumn(format="%.4g"),
            "down-samplings after": st.column_config.NumberColumn(format="%.3g"),
            "groups": st.column_config.TextColumn(width="large"),
        },
        alt=f"Clustering and complexity of the tree at every block, for α = {alpha:g}",
    )


def path_frame(scene: BranchingScene) -> pd.DataFrame:
    """Give every tree of the path with its interval of α and both terms of its cost."""
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
    """Show the whole path, the table twin of the figure."""
    number = st.column_config.NumberColumn(format="%.4g")
    st.dataframe(
        path_frame(scene).drop(columns="layout"),
        hide_index=True,
        column_order=["tree", "from_alpha", "to_alpha", "clustering", "complexity", "branches", "sentence"],
        column_config={
            "from_alpha": st.column_config.NumberColumn("cheapest from α", format="%.4g"),
            "to_alpha": st.column_config.NumberColumn("to α", format="%.4g"),
            "clustering": number,
            "complexity": number,
            "branches": st.column_config.TextColumn("branches per block"),
            "sentence": st.column_config.TextColumn("tree in words", width="large"),
        },
        placeholder="–",
        alt="Every tree that is the cheapest for some α",
    )
