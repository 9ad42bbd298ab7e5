"""How sure the tree is: the same search on samples and seeds drawn again."""

import pandas as pd
import streamlit as st

from app.branching.scene import BranchingScene
from app.charts.tree import small_tree_drawing
from app.components.drawing import drawing
from app.ui.formatting import escape, layout_sentence, share
from app.ui.glossary import explain

_TREES = 8
_DRAWN = 4


def show_uncertainty(scene: BranchingScene, alpha: float) -> None:
    """Show in which share of redrawn measurements the same tree comes out, and which others do.

    Raises:
        AffinityError: The tensor can't be drawn again.
    """
    found = scene.certainty(alpha)
    layout, tasks = scene.view.step(alpha).tree.layout, scene.view.tasks
    losses = scene.evidence.losses
    assert losses is not None
    st.markdown(
        f"**{share(found.share(layout))}** of {found.n_draws} redrawn measurements give this very tree at "
        f"α = {alpha:.3g}; {len(found.trees)} different tree{'s come' if len(found.trees) > 1 else ' comes'} out.",
        help=explain("tree certainty"),
    )
    others = [each for each in found.trees if each.layout != layout][:_DRAWN]
    if others:
        st.caption("The most frequent other trees:")
        for column, each in zip(st.columns(max(len(others), 3)), others, strict=False):
            with column.container(border=True):
                drawing(small_tree_drawing(each.layout, width=150, height=72), key=f"other-{found.trees.index(each)}")
                st.caption(f"**{share(each.share)}** · {escape(layout_sentence(each.layout, tasks))}")
    frame = pd.DataFrame(
        {
            "tree": [layout_sentence(each.layout, tasks) for each in found.trees[:_TREES]],
            "share of draws": [100 * each.share for each in found.trees[:_TREES]],
            "": ["shown" if each.layout == layout else "" for each in found.trees[:_TREES]],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "tree": st.column_config.TextColumn(width="large"),
            "share of draws": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100),
        },
        alt="Trees of redrawn measurements and how often each comes out",
    )
    st.caption(
        f"Drawn with repetition: {losses.n_samples:,} validation samples, jointly for all networks, and "
        f"{len(losses.seeds)} seed{'s' if len(losses.seeds) > 1 else ', so only samples vary'}."
        + (f" {len(found.trees) - _TREES} rarer trees are left out." if len(found.trees) > _TREES else "")
    )
