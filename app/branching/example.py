"""An example of a branched network, shown while there is no tensor."""

import streamlit as st

from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.ui.formatting import escape
from app.ui.layout_words import layout_sentence
from core.layouts import Layout
from core.studies.study import Study

_MOST = 4


def show_example(study: Study) -> None:
    """Draw a made-up tree of the study's first tasks."""
    n, blocks = min(max(study.n_tasks, 2), _MOST), study.n_blocks
    names = study.task_names[:n]
    shared = max(blocks // 2, 1)
    split = ((0, 1), *((task,) for task in range(2, n))) if n > 2 else ((0,), (1,))
    layout = Layout.of([[range(n)]] * shared + [split] * (blocks - shared))
    with st.container(border=True, width=560):
        drawing(
            tree_drawing(layout, names, [1.0] * blocks, width=440, label="An example of a branched network"), key="tree"
        )
        st.caption(
            f"Example: {escape(layout_sentence(layout, names))}. With measured affinities, this page finds and draws "
            "the best tree for every α."
        )
