"""How high is the affinity of the tasks at each depth, and how certain is it?"""

import streamlit as st

from app.affinity.controls import order_input
from app.affinity.details import show_details
from app.affinity.figure import show_figure
from app.affinity.paper_figure import paper_menu
from app.affinity.subject import subject_of
from app.affinity_source.inputs import eigenvector_input, evidence_input, say_gradient_affinity
from app.affinity_source.not_measured import show_not_measured
from app.affinity_source.own_file import show_own_file
from app.ui import cached
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study
from app.ui.tree_study import stop_without_shared_inputs
from core.affinity.evidence import Origin
from core.affinity.tournament import Eigenvector

NOTE = r"""
For every target task $t$, source task $i$ and depth, the first blocks of $i$'s network are frozen and the rest of
$t$'s network is trained on top, $i=t$ included (recombined networks). $W_{ij}$ is the share of validation samples on
which encoder $i$ gives $t$ a lower loss than encoder $j$, ties half. Row $t$ of $P$ is the principal eigenvector of
the ratios $W_{ij}/W_{ji}$ (option “raw wins”: of $W$ itself), summing to one, and $A=(P+P^\top)/2$. The heatmaps show
the normalised affinity $A_{ij}/\sqrt{A_{ii}A_{jj}}$: 1 means that the other task's features serve as well as the
task's own, for any number of tasks. Tooltips and the table have the raw affinities. Intervals are for the affinity of
all samples and seeds. In each resample the samples are drawn with replacement, all targets and depths jointly, and
$\log P$ is moved by the noise between seeds: the variance of each tournament, moved towards the one that all have in
common (Smyth, 2004), with the tails of Student's distribution. Of one seed, only samples vary. A cell is dashed where
the rank of its pair at this depth is kept in fewer than 90 % of the resamples. Source: Vandenhende et al., *Branched
Multi-Task Networks* (Branched MTL), §3.2; the intervals are an addition of Branchwise.

**Representation similarity (RSA)** compares the single-task networks without retraining. The dissimilarity of two
images in a network is $1-r$ of their features after a block; the similarity of two tasks is the Spearman correlation
of these dissimilarities.

**Gradient affinity** is measured while one network of all tasks is trained. For block $b$, $g_{b,i}$ is the gradient
of task $i$'s loss on one batch and $g'_{b,j}$ that of task $j$'s loss $L'_j$ on the next one. A small step of $i$ on
the block lowers $L'_j$ by the share $Z_{b,i\to j}=\eta\,\langle g_{b,i},g'_{b,j}\rangle/L'_j$, with the learning rate
$\eta$; the mean is taken over every tenth step, unless the study file says otherwise. $Z$ is not symmetric: the
heatmaps show $(Z_{i\to j}+Z_{j\to i})/2$ in proportion to $\sqrt{Z_{i\to i}Z_{j\to j}}$, each the mean over seeds;
intervals are Student's over seeds, the noise of the proportion to first order. TAG (Fifty et al., 2021) defines $Z$
for a step on all shared weights, on one batch; blocks, the first order in $\eta$ and the next batch are additions of
Branchwise.

**Order by cluster**: average linkage on 1 − affinity. **Order by similarity**: second
eigenvector of the graph Laplacian, which places similar tasks next to each other.
"""

page_head("Affinity", "Which tasks can share features at each depth, and how certain is that?")
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
        say_gradient_affinity(evidence)
        subject = subject_of(study, evidence, eigenvector)
        depth, pair, arranged = show_figure(subject, order, over)
        paper_menu(subject, arranged)
        show_details(subject, depth, pair)
how_computed(NOTE)
