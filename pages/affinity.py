"""How alike are the tasks at each depth, and how sure are we?"""

import streamlit as st

from app.affinity.controls import order_input
from app.affinity.details import show_details
from app.affinity.figure import show_figure
from app.affinity.subject import subject_of
from app.affinity_source.inputs import eigenvector_input, evidence_input
from app.affinity_source.not_measured import show_not_measured
from app.affinity_source.own_file import show_own_file
from app.ui import cached
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study
from app.ui.tree_study import stop_without_shared_inputs
from core.affinity.evidence import Origin
from core.affinity.tournament import Eigenvector

NOTE = r"""
For every target task $t$, source task $i$ and depth, the first blocks of $i$'s network were frozen and the rest of
$t$'s was trained on top, $i=t$ included. $W_{ij}$ is the share of validation samples on which encoder $i$ gives $t$
a lower loss than encoder $j$, ties half. Row $t$ of $P$ is the principal eigenvector of the ratios $W_{ij}/W_{ji}$
(option “Wins”: of $W$ itself), summing to one, and $A=(P+P^\top)/2$. The maps show $A_{ij}/\sqrt{A_{ii}A_{jj}}$: 1
where another task's features serve as well as one's own, however many tasks there are; raw affinities stand in the
tips and in the table. Intervals: samples and seeds are drawn again with repetition, all targets and depths jointly; a
cell is dashed where its pair stands to the other pairs of its depth as shown in fewer than 90 % of the draws. Source:
*Branched Multi-Task Networks*, §3.2; drawing again is ours.

**Features (RSA)** compare the single-task networks without any retraining: how unlike a network holds any two
pictures after each block, $1-r$ of their features, and the Spearman correlation of two tasks' tables of these.
**Order by cluster**: average linkage of 1 − how alike; **by similarity**: second eigenvector of the Laplacian, which
puts like beside like.
"""

page_head("Affinity", "How alike are the tasks at each depth, and how sure are we?")
with show_errors():
    study = current_study()
    stop_without_shared_inputs(study)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        evidence = evidence_input(study)
    if evidence is None or evidence.origin is Origin.FEATURES:
        show_not_measured(study, has_losses=cached.losses(study.name) is not None)
    if evidence is None or evidence.origin is Origin.FILE:
        show_own_file(study)
    if evidence is not None:
        with row:
            order, over = order_input(evidence.n_depths)
            eigenvector = eigenvector_input() if evidence.losses is not None else Eigenvector.AHP
        subject = subject_of(study, evidence, eigenvector)
        depth, pair = show_figure(subject, order, over)
        show_details(subject, depth, pair)
how_computed(NOTE)
