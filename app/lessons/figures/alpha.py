"""Figures of the lesson on α and the branched tree."""

from collections.abc import Mapping
from dataclasses import replace

from app.branching.scene import BranchingScene, short_range
from app.components.alpha_tree import alpha_tree_data, packed_entries
from app.lessons.bundled import study
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.affinity import STUDY, evidence
from app.lessons.values.alpha import path, rank, row_of
from app.ui.formatting import cost_share, percent
from app.ui.layout_words import layout_sentence
from core.affinity.distance import Distance
from core.selection.alpha_path import AlphaPath

_CAPTION = (
    "Drag the line, click a small tree, or use the arrow keys. Line width: multiply-accumulates (MACs), the "
    "computation of a block."
)
_UPSIDE_DOWN = "α · complexity: more branches, later branches cost more"


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    tasks = study(STUDY).task_names
    return {
        "dial": Interactive("alpha_tree", tree_data(path(), "right"), _CAPTION),
        "measured": Rows(
            ("tree", "α", "MACs", "gain", "rank"),
            [
                (
                    layout_sentence(step.tree.layout, tasks),
                    short_range(step.start, step.end),
                    cost_share(row_of(step)[0]),
                    percent(row_of(step)[1]),
                    rank(step.tree.layout),
                )
                for step in path().steps
            ],
            "Every tree that is the cheapest for some α: its MACs beside three single-task networks, its measured gain "
            "(mean of tasks and seeds, test split), and its rank among all trained layouts.",
        ),
        "upside_down": Interactive(
            "alpha_tree",
            tree_data(path(upside_down=True), "upside-down", {"complexityKey": _UPSIDE_DOWN}),
            "The same affinities, with the price of branches upside down.",
        ),
    }


def tree_data(shown: AlphaPath, stamp: str, words: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return what the browser gets to draw the trees over α.

    Args:
        shown: The trees.
        stamp: Tells them from others.
        words: Those that differ from the component's.
    """
    scene = BranchingScene(study(STUDY), evidence(), Distance.COSINE, shown, f"lesson/{stamp}", f"lesson/{STUDY}")
    scale, axis = scene.axis
    return alpha_tree_data(
        axis=axis,
        scale=scale,
        # Clicking a branch would ask the server.
        packed=packed_entries([replace(entry, selectable=False) for entry in scene.entries]),
        answer="",
        drawn=scene.drawing,
        alpha=shown.usual,
        caption="",
        filename=f"branchwise-{STUDY}-tree-{stamp}",
        stamp=scene.stamp,
        words=words or {},
    )
