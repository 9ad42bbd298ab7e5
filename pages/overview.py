"""Which layers should your tasks share within a compute budget?"""

import streamlit as st

from app.families.overview import has_family_overview, show_family_overview
from app.overview import OWN, SECTION, SECTIONS, SHARE
from app.overview.glance import show_glance
from app.overview.own_case import follow_request, show_own_case
from app.overview.recommended import show_recommended
from app.report.download import report_downloads
from app.ui import cached
from app.ui.chosen_backbone import is_backbone_for
from app.ui.inputs import budget_input, current_estimator, estimator_input, tolerance_input, unit_input
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.paths import PAGES
from app.ui.sidebar import current_study
from app.ui.task_quality import show_constant, show_silent
from app.ui.url_state import choice
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import available_units

NOTE = r"""
A sharing layout (layout for short) says which tasks share each block. Every pair of tasks is trained together at every
branch point $b$ (both share the first $b$ blocks). $P_{i,j,b}$ is the gain of task $i$ over its single-task network,
in percent, averaged over its metrics. With the estimator *paper* the predicted gain of a layout is
$\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$; *blockwise* adds up, block by block, the mean step of
$P_{i,j}$ over the tasks $j$ that share the block; *bayes* does so with a posterior of $P$. Its score is
$\sum_i w_i\hat\Delta_i$ with entropy weights $w_i$ (SVD entropy), its cost
$\sum_b(\text{groups at }b)\cdot c_b$ without heads. The page recommends the layout with the best score within the
budget, or the cheapest one that noise can't tell from it. For moderate sizes the search is exact; the last figure above
says whether it was. *Confidence*: 300 tables are drawn, from the measured seeds (the same in all cells) or from the
posterior; the figures are the shares of draws in which this layout is the best within the budget, and in which it
lacks no more than the tolerance. Source: Zhang et al., *A Tree-Structured Multi-Task Model Recommender* (TreeMTL), §3
and Eqs. 1–2. The exact search, blockwise, bayes and the confidence are additions of Branchwise.
"""

follow_request()
if is_backbone_for("overview"):
    st.session_state[SECTION] = OWN
# Beside the title: what is chosen below it then takes one row on a small screen, too.
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    page_head("Overview", "Which layers should your tasks share within a compute budget?", width="content")
    part = choice("Show", list(SECTIONS), SECTION, name="section", labels=SECTIONS, labelled=False)
study = None
with show_errors():
    study = current_study()
    if part == SHARE:
        show_constant(study)
    if part == SHARE and not study.shares_inputs:
        show_family_overview(study)
        show_silent(study)
    elif part == SHARE:
        measured, unit = study.table.is_measured, available_units(study)[0]
        estimator = current_estimator(study)
        # Without layouts to choose from, a budget would do nothing.
        if measured:
            with st.container(horizontal=True, vertical_alignment="top", gap="small"):
                with st.container(width=150):
                    budget = budget_input()
                unit, estimator, tolerance = unit_input(study, listed=True), estimator_input(study), tolerance_input()
        scene = cached.scene(study.name, str(WeightRule.SVDE), unit, False, estimator)
        if measured:
            show_recommended(scene, budget, tolerance)
        elif has_family_overview(study):
            show_family_overview(study)
        else:
            # Few studies need it, and it imports what trains.
            from app.families.layouts.not_measured import show_not_measured

            show_not_measured(study)
        show_silent(study)
        show_glance(scene)
        how_computed(NOTE)
# An own case can be uploaded even when the open study can't be read.
with show_errors():
    if part == OWN:
        show_own_case(study)
if study is not None and part == SHARE:
    report_downloads(study)
st.page_link(PAGES / "studies.py", label="Import, export or delete studies", icon=":material/folder_open:")
