"""What is in this study, and what should I share?"""

import streamlit as st

from app.families.overview import show_family_overview
from app.overview import OWN, SECTION, SECTIONS, SHARE
from app.overview.glance import show_glance
from app.overview.own_case import follow_request, show_own_case
from app.overview.recommended import show_recommended
from app.ui import cached
from app.ui.inputs import budget_input, unit_input
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.paths import PAGES
from app.ui.sidebar import current_study
from app.ui.url_state import choice
from core.estimators.weights import WeightRule

NOTE = r"""
Every pair of tasks was trained together at every branch point $b$ (both share the first $b$ blocks), and $P_{i,j,b}$
is how much better task $i$ did than a network trained for it alone, in percent, averaged over its metrics. The
prediction for a layout is $\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$, its score $\sum_i w_i\hat\Delta_i$
with *svde* weights, and its cost $\sum_b(\text{groups at }b)\cdot c_b$ without heads. Of all layouts within the
budget the one with the best score is shown; up to moderate sizes it is found exactly, and the last figure above says
whether it was. *How sure*: the table is redrawn 300 times, seeds jointly for all its cells, and counted how often
this layout stays the best. Source: *A Tree-Structured Multi-Task Model Recommender*, §3 and Eqs. 1–2; the exact
search and the redrawing are ours.
"""

follow_request()
page_head("Overview", "What is in this study, and what should I share?")
controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
with controls:
    part = choice("Part", list(SECTIONS), SECTION, name="section", labels=SECTIONS, labelled=False)
study = None
with show_errors():
    study = current_study()
    if part == SHARE and not study.shares_inputs:
        show_family_overview(study)
    elif part == SHARE:
        with controls:
            unit = unit_input(study)
            with st.container(width=210):
                budget = budget_input()
        scene = cached.scene(study.name, str(WeightRule.SVDE), unit, False)
        show_recommended(scene, budget)
        show_glance(scene)
        how_computed(NOTE)
# A case of one's own can be brought in even when the open study can't be read.
with show_errors():
    if part == OWN:
        show_own_case(study)
st.page_link(PAGES / "studies.py", label="Import, export or delete studies", icon=":material/folder_open:")
