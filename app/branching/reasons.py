"""Why two tasks branch where they do."""

import pandas as pd
import streamlit as st

from app.branching.scene import BranchingScene
from app.branching.split_words import split_sentences
from app.charts.alpha_path import short_alpha
from app.ui.glossary import explain
from app.ui.url_state import name_choice
from core.selection.splits import pair_rows, split_of

FIRST, SECOND = "part_a", "part_b"


def show_reasons(scene: BranchingScene, alpha: float) -> None:
    """Ask for a pair and show why it branches where it does."""
    view = scene.view
    tasks = list(view.tasks)
    grid = st.grid(2, min_column_width=400)
    left, right = grid.cell(), grid.cell()
    with left, st.container(horizontal=True, vertical_alignment="bottom"):
        first = _task("Task A", tasks, FIRST, 0)
        second = _task("Task B", tasks, SECOND, 1)
    if first == second:
        right.info("Choose two different tasks, or click a branch of the tree.")
        return
    pair = tasks.index(first), tasks.index(second)
    split = split_of(view, alpha, pair)
    with left:
        for sentence in split_sentences(split, view.tasks, view.n_depths):
            st.markdown(sentence)
        st.caption(
            "Clustering: mean over branches of the largest distance between two of their tasks. Complexity: number of "
            "additional branches; earlier branches cost more."
            + (
                ""
                if split.is_best
                else " With more than 11 tasks there is no search for a better tree in which both share this block."
            ),
            help=explain("clustering cost", "complexity"),
        )
    with right:
        frame = pd.DataFrame(
            [
                {
                    "block": row.block,
                    "distance": row.distance,
                    "largest at this depth": row.largest,
                    "in this tree": "shared" if row.shares else "separate",
                    "shared for α": " and ".join(
                        f"from {short_alpha(a)}" if b is None else f"{short_alpha(a)} to {short_alpha(b)}"
                        for a, b in row.shared_for
                    )
                    or "never",
                }
                for row in pair_rows(view, alpha, pair)
            ]
        )
        number = st.column_config.NumberColumn(format="%.3f")
        st.dataframe(
            frame,
            hide_index=True,
            column_config={"distance": number, "largest at this depth": number},
            alt=f"Distance of {first} and {second} at every block, and the α for which they share it",
        )


def _task(label: str, tasks: list[str], key: str, place: int) -> str:
    place = min(place, len(tasks) - 1)
    return name_choice(label, tasks, key, index=place) or tasks[place]
