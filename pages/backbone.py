"""Where can this network branch, and what does each block cost?"""

import streamlit as st

from app.backbone.compare import show_compare, show_totals
from app.backbone.controls import backbone_input, cut_input, other_input, points_input, tasks_input
from app.backbone.picture import show_figures, show_picture
from app.backbone.tables import show_blocks, show_shares
from app.backbone.use import show_use
from app.ui.opening import follow_request
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.paths import PAGES
from app.ui.sidebar import current_study

NOTE = r"""
**Where it can branch.** The network is traced to a graph of operations. Stage 1 finds every place where one single
tensor carries all information (a minimum cut of one: all paths from input to output pass through it). Stage 2 merges
parts with only parameter-free or normalisation operators into a neighbour. The result is the blocks above (Zhang et
al., *A Tree-Structured Multi-Task Model Recommender*, TreeMTL, §3.3).

**What a block costs.** Parameters are counted without running statistics. Multiply-accumulates come from PyTorch's own
flop counter, which counts a multiply-add as two operations, so its result is halved. Bytes are four per parameter
(float32). Latency, where known, was measured on the machine that made the profile. Heads are not counted: they are
never shared.

**Merged** joins adjacent blocks so that $\sum_k m_k^2$ is smallest, where $m_k$ are the MACs of the merged blocks;
found exactly by dynamic programming.

**Layouts.** $Z(T,B)=\sum_k \binom{T-1}{k-1} Z(k,B-1)\,Z(T-k,B)$ with $Z(0,\cdot)=Z(\cdot,0)=1$ for $T$ tasks on $B$
blocks: the group of the first task on the first block has $k$ members. Merging branching points makes the search
smaller but excludes some layouts.
"""

follow_request()
page_head("Backbone", "Where can this network branch, and what does each block cost?")
with show_errors():
    study = current_study()
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        with st.container(width=300):
            whole = backbone_input(study)
        cut = cut_input()
        n_tasks = tasks_input(study)
    view = points_input(whole, cut)
    show_picture(view)
    show_figures(view, n_tasks)
    show_blocks(view)
    show_use(view, st.session_state["backbone"], study)
    grid = st.grid(2, min_column_width=400)
    with grid.cell():
        st.header("Cumulative shares", anchor=False)
        show_shares(view)
    with grid.cell():
        st.header("Compare backbones", anchor=False)
        other = other_input(study)
        if other is not None:
            show_totals(whole, other)
    if other is not None:
        show_compare(view, other)
    st.page_link(
        PAGES / "paths.py",
        label="Exits along this backbone: what each path costs",
        icon=":material/conversion_path:",
        query_params={"network": st.session_state["backbone"]},
    )
    how_computed(NOTE)
