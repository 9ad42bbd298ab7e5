"""What is in this study, and what should I share?"""

import streamlit as st

from app import cached
from app.feedback import how_computed, page_head, sentences
from app.glossary import explain
from app.overview.exchange import show_exchange
from app.overview.glance import show_glance
from app.overview.own_case import show_own_case
from app.overview.recommended import show_recommended
from app.sidebar import current_study
from app.views.budget import available_units
from core.estimators.weights import WeightRule

GLANCE, FILES, OWN = "glance", "files", "own"
PARTS = {GLANCE: "The study", FILES: "Import and export", OWN: "Your own case"}
NOTE = r"""
Every pair of tasks was trained together at every branch point $b$ (both share the first $b$ blocks), and $P_{i,j,b}$ is how much
better task $i$ did than a network trained for it alone, in percent, averaged over its metrics. The prediction for a layout is
$\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$, its score $\sum_i w_i\hat\Delta_i$ with *svde* weights, and its cost
$\sum_b(\text{groups at }b)\cdot c_b$ without heads. Of all layouts within the budget the one with the best score is shown; it is
found exactly. *How sure*: the seeds of the table are redrawn 300 times, jointly for all cells, and the search is repeated.
Source: *A Tree-Structured Multi-Task Model Recommender*, §3 and Eqs. 1–2; the exact search and the redrawing are ours.
"""

page_head("Overview", "What is in this study, and what should I share?")
study, scene = None, None
with sentences():
    study = current_study()
    scene = cached.scene(study.name, str(WeightRule.SVDE), available_units(study)[0], False)
    show_recommended(scene)
part = st.segmented_control(
    "Part",
    list(PARTS),
    default=GLANCE,
    required=True,
    key="part",
    format_func=PARTS.get,
    label_visibility="collapsed",
    bind="query-params",
    persist_state="session",
)
with sentences():
    if part == FILES:
        show_exchange(study)
    elif part == OWN:
        show_own_case(study)
    elif scene is not None:
        show_glance(scene)
how_computed(NOTE)
