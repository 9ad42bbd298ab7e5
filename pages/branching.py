"""How does α trade task dissimilarity against sharing?"""

import streamlit as st

from app.affinity_source.inputs import evidence_input, say_gradient_affinity
from app.affinity_source.not_measured import show_not_measured
from app.affinity_source.own_file import show_own_file
from app.branching.controls import (
    alpha_input,
    distance_input,
    downsamplings_input,
    eigenvector_asked,
    say_downsamplings,
    width_input,
)
from app.branching.example import show_example
from app.branching.export import show_actions
from app.branching.figure import SECTION, show_figure
from app.branching.outcome import show_beam, show_outcome
from app.branching.plane import show_plane
from app.branching.reasons import show_reasons
from app.branching.scene import scene_of
from app.branching.tables import show_depths, show_path
from app.branching.uncertainty import show_uncertainty
from app.ui import cached
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study
from app.ui.tree_study import stop_without_shared_inputs
from app.ui.url_state import choice
from core.affinity.evidence import Origin

NOTE = r"""
A tree costs $\sum_l \big[\text{mean over its branches at depth } l \text{ of the largest distance inside} + \alpha
(b_l-1)\,2^{p_l}\big]$: $b_l$ branches at depth $l$, $p_l$ downsampling steps after it; a single task counts 0. The
first term (clustering) falls with more branches, the second (complexity) with fewer and later ones; $\alpha$ weighs
them. Distances: *cosine* $1-A_{ij}/\sqrt{A_{ii}A_{jj}}$, *1 − A* $1-A_{ij}$, *1 − A/max* $1-A_{ij}/\max A$ of that
depth; **values of α can't be compared between distances**. Up to 11 tasks every tree that is the cheapest for some α
is found exactly: dynamic programming from the deepest depth to the first, repeated at each α where two known trees
cost the same. Branched MTL keeps the $n$ cheapest groupings at each depth instead (beam search); the page shows the
gap. With more than 11 tasks the tree of the beam search is improved by regrafting: a branch is moved to the cheapest
place until the cost no longer falls. Source: Vandenhende et al., *Branched Multi-Task Networks* (Branched MTL), §3.3.
The exact search, the path over α and regrafting are additions of Branchwise.
"""
SECTIONS = {
    "why": "Why branch here?",
    "depths": "Cost per depth",
    "confidence": "Confidence",
    "plane": "Cost and gain",
    "path": "All trees",
}

page_head("Branching", "How does α trade task dissimilarity against sharing?")
with show_errors():
    study = current_study()
    stop_without_shared_inputs(study)
    # The tree before the questions: on a small screen both do not fit above the fold.
    figure, row = st.container(), st.container(horizontal=True, vertical_alignment="center", gap="medium")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        evidence = evidence_input(study)
        if evidence is not None:
            evidence = eigenvector_asked(study, evidence)
            kind = distance_input(evidence)
    if evidence is not None:
        say_gradient_affinity(evidence)
        say_downsamplings(evidence, study.backbone)
    if evidence is None or evidence.origin is Origin.FEATURES:
        show_not_measured(study, has_losses=cached.losses(study.name) is not None)
    if evidence is None or evidence.origin is Origin.FILE:
        show_own_file(study)
    if evidence is None:
        show_example(study)
    else:
        left = row.container(width=130)
        with row.container(width=140):
            width = width_input()
        with row.container(width=240):
            downs = downsamplings_input(evidence, study.backbone)
        scene = scene_of(study, evidence, kind, downs, width)
        with left:
            alpha = alpha_input(scene.view.usual)
        scene = scene.searched(alpha, width)
        with figure:
            show_figure(scene, alpha)
        with row.container(width="stretch", gap=None):
            show_beam(scene, alpha, width)
            show_outcome(scene, alpha)
        show_actions(scene, alpha)
        section = choice("Details", list(SECTIONS), SECTION, name="section", labels=SECTIONS, labelled=False)
        with show_errors():
            if section == "depths":
                show_depths(scene, alpha)
            elif section == "confidence":
                show_uncertainty(scene, alpha)
            elif section == "plane":
                show_plane(scene, alpha)
            elif section == "path":
                show_path(scene)
            else:
                show_reasons(scene, alpha)
how_computed(NOTE)
