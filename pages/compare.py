"""Which family of networks is best within my budget, at the cost that counts for me?"""

import streamlit as st

from app.compare import selection
from app.compare.controls import (
    layers_input,
    measure_input,
    question_input,
    task_input,
    unit_input,
    without_metric,
)
from app.compare.figure import show_figure, show_missing, show_pin
from app.compare.kept import compare_scene, study_plane
from app.compare.paper_figure import paper_menu
from app.compare.sections import show_nothing, show_sections
from app.ui.formatting import escape
from app.ui.inputs import budget_input
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study

NOTE = r"""
**Gain.** Each network is measured on the test split against single-task networks of the same seeds; its gain is the
mean of Δ over tasks, with equal weights, or Δ of one task. Intervals of a network are Student's, from its seeds.

**A task's metric** can be shown in place of its gain where the gain is made of one metric alone. Networks are then
ranked by its value, which is not paired with the single-task network of its seed; the thick line is their mean.

**Probabilities.** The gain of network $p$ with seed $s$ is $y_{sp}=\mu_p+a_p\beta_s+\varepsilon_{sp}$: networks of one
seed share what their single-task networks happen to reach. The expected gains $\mu$ are drawn from a posterior, with
noise whose size networks share as far as the data say so. A network is on the joint Pareto front in a draw if none
costs less, or as much, and gains more; it is the best within a budget if none within it gains more. Networks of one
seed have no probability and are left out of those of others.

**Recommended** is the cheapest network on the front of mean gains whose difference to the best within the budget is
within noise: its 90 % interval, of paired seeds where there are two or more, includes zero.

**A budget** of 40 % allows every network that costs 40 % or less: one of 40.1 % is over it.

**Cost** answers one question for all families: what is *stored*, what is computed for *all tasks on one input*, for
*one active task*, and what is *resident* while tasks are switched; heads are not counted. Predicted gains and published
figures are layers of their own and no part of fronts, probabilities or areas.
"""

page_head("Compare", "Which family of networks is best within my budget, at the cost that counts for me?")
with show_errors():
    study = current_study()
    # The answer before the questions, as on Budget.
    figure = st.container()
    row = st.container(horizontal=True, vertical_alignment="top", gap="small")
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        question = question_input()
        unit, task = unit_input(study, question), task_input(study)
        plane = study_plane(study.name)
        as_metric = measure_input(plane, task)
    if said := without_metric(plane, task):
        st.caption(escape(said))
    with row.container(width=190):
        budget = budget_input()
    with row:
        layers = layers_input()
    scene = compare_scene(study.name, question, unit, task, layers, as_metric=as_metric)
    if not scene.view.networks:
        with figure:
            show_nothing(scene)
            show_missing(scene)
    else:
        picked, pins = selection.selected(scene.view), selection.pins(scene.view)
        recommended = scene.view.within(budget)
        with figure:
            if not scene.view.has_rivals:
                show_nothing(scene)
            show_figure(scene, budget, picked, pins)
        with row:
            show_pin(scene, picked or (recommended.advised if recommended else None))
            paper_menu(scene.view, budget)
        show_missing(scene)
        show_sections(scene, pins)
    how_computed(NOTE)
