"""Confidence in the tree: the same search on resamples."""

import pandas as pd
import streamlit as st

from app.branching.scene import BranchingScene
from app.charts.tree import small_tree_drawing
from app.components.drawing import drawing
from app.ui.formatting import escape, plural, share
from app.ui.glossary import explain
from app.ui.layout_words import layout_sentence
from app.ui.written_table import row_height, show_written
from core.affinity.recombined import RecombinedLosses

_TREES = 8
_DRAWN = 4


def _seed_words(losses: RecombinedLosses) -> str:
    n = len(losses.seeds)
    return (
        "; one seed, so noise between seeds is left out"
        if n == 1
        else f", and scores moved by the noise between {n} seeds"
    )


def show_uncertainty(scene: BranchingScene, alpha: float) -> None:
    """Show in which share of resamples the same tree is found, and which others are.

    Raises:
        AffinityError: The tensor can't be resampled.
    """
    found = scene.certainty(alpha)
    layout, tasks = scene.view.step(alpha).tree.layout, scene.view.tasks
    losses = scene.evidence.losses
    assert losses is not None
    st.markdown(
        f"This tree is found in **{share(found.share(layout))}** of {found.n_draws} resamples at "
        f"α = {alpha:.3g}; {plural(len(found.trees), 'different tree')} in all.",
        help=explain("tree certainty"),
    )
    others = [each for each in found.trees if each.layout != layout][:_DRAWN]
    if others:
        st.caption("Most frequent other trees:")
        grid = st.grid(_DRAWN, min_column_width=210)
        for each in others:
            with grid.cell(), st.container(border=True, height="stretch"):
                drawing(small_tree_drawing(each.layout, width=150, height=72), key=f"other-{found.trees.index(each)}")
                st.caption(f"**{share(each.share)}** · {escape(layout_sentence(each.layout, tasks))}")
    frame = pd.DataFrame(
        {
            "tree": [layout_sentence(each.layout, tasks) for each in found.trees[:_TREES]],
            "share of samples": [each.share for each in found.trees[:_TREES]],
            "": ["current" if each.layout == layout else "" for each in found.trees[:_TREES]],
        }
    )
    show_written(
        frame,
        {"share of samples": share},
        hide_index=True,
        column_config={"tree": st.column_config.TextColumn(width=400)},
        row_height=row_height(frame["tree"], 400),
        alt="Trees found in resamples and the share of each",
    )
    st.caption(
        f"In each resample, {plural(losses.n_samples, 'validation sample')} are drawn with replacement, jointly for "
        f"all networks{_seed_words(losses)}."
        + (f" {plural(len(found.trees) - _TREES, 'rarer tree')} not listed." if len(found.trees) > _TREES else "")
    )
