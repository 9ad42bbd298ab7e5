"""Which layouts fit a compute budget, which is best, and what do I give up?"""

import streamlit as st

from app.budget.compare import show_compare
from app.budget.evaluation import show_evaluation
from app.budget.export import show_actions
from app.budget.figure import BudgetFigure, show_figure
from app.budget.second_front import second_front_input
from app.budget.tables import show_front, show_top
from app.budget.uncertainty import show_uncertainty
from app.plane.basis import weights_sentence
from app.ui import cached, state
from app.ui.formatting import escape
from app.ui.inputs import (
    budget_input,
    estimator_input,
    shown_input,
    tolerance_input,
    unit_input,
    weights_input,
)
from app.ui.interpolation import show_interpolation
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.presenting import stepped
from app.ui.sidebar import current_study
from app.ui.tree_study import stop_without_shared_inputs
from app.ui.url_state import choice

NOTE = r"""
With the estimator *paper* the predicted gain $\hat\Delta_i$ of task $i$ is the mean, over the other tasks $j$, of the
measured two-task value $P_{i,j,b_{ij}}$, where $b_{ij}$ is the number of leading blocks that both share. *Blockwise*
adds up, over the blocks $b$, the mean step $P_{i,j,b}-P_{i,j,b-1}$ over the tasks $j$ that share block $b$ with $i$.
*Bayes* does so with the posterior of the table, in which its noise and its missing cells are taken into account. The
score is $\sum_i w_i\hat\Delta_i$ and the cost $\sum_b (\text{groups at } b)\cdot c_b$, heads not included. Both are
sums over the groups of blocks, so the best layout for every budget is found exactly by dynamic programming and branch
and bound, without listing all layouts. Source: Zhang et al., *A Tree-Structured Multi-Task Model Recommender*
(TreeMTL), §3. The exact search is an addition of Branchwise.
"""
SECTIONS = {
    "best": "Best layouts",
    "compare": "Pinned layouts",
    "evaluation": "Predicted vs measured",
    "confidence": "Confidence",
    "front": "Pareto front",
}

page_head("Budget", "Which sharing layouts fit my budget, which is best, and what do I give up?")
with show_errors():
    study = current_study()
    stop_without_shared_inputs(study)
    if study.oracle is None and not study.table.is_measured:
        # Few studies need it, and it imports what trains.
        from app.families.layouts.not_measured import show_not_measured

        show_not_measured(study)
        st.stop()
    # The answer before the questions: on a small screen both do not fit above the fold.
    figure = st.container()
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    # Lists, so that all stand in one row, and in two on a small screen.
    controls = st.container(horizontal=True, vertical_alignment="top", gap="small")
    with controls:
        unit, trained_shown, estimator = unit_input(study, listed=True), shown_input(study), estimator_input(study)
        tolerance, weights = tolerance_input(), weights_input(listed=True)
    with row.container(width=190):
        budget = budget_input()
    scene = cached.scene(study.name, str(weights), unit, trained_shown, estimator)
    with controls:
        second, said_of_second = second_front_input(scene)
    if said_of_second:
        st.caption(escape(said_of_second))
    picked = state.selected(study.n_tasks, study.n_blocks)
    pins = state.pins(study.n_tasks, study.n_blocks)
    if not scene.trained_shown:
        advice = scene.recommended(budget)
        with figure:
            recommended = scene.front[advice.place].layout if advice else None
            show_interpolation(study.table, recommended, weights=scene.view.weights)
    with figure:
        shown = BudgetFigure(scene, budget, tolerance, picked, tuple(pins), second)
        show_figure(shown)
    current = shown.layout
    with row:
        if current:
            show_actions(shown, current)
        else:
            st.warning(escape(scene.nothing_fits(budget)))
    if said := " ".join(filter(None, [weights_sentence(scene.view), scene.view.weights.note])):
        st.caption(escape(said))
    sections = stepped(SECTIONS, () if pins else ("compare",))
    section = choice("Details", sections, "budget_section", name="section", labels=SECTIONS, labelled=False)
    # What is ranked by measured gains is that of trained layouts; confidence is always in predictions.
    ranked = {"best": scene, "confidence": scene.view}.get(section) if study.table.is_measured else None
    if ranked is not None and ranked.recommended(budget) is None:
        st.caption("No layout fits this budget, so none is ranked.")
    elif section == "compare":
        show_compare(scene, current, pins)
    elif section == "evaluation":
        show_evaluation(scene, budget)
    elif section == "confidence" and study.table.is_measured:
        show_uncertainty(scene, budget, current, tolerance)
    elif section == "front":
        show_front(scene)
    elif study.table.is_measured:
        show_top(scene, budget)
    else:
        st.caption("Nothing is measured yet, so layouts are not ranked.")
    how_computed(NOTE)
