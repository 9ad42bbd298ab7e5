"""Choose a budget, see which exit each task uses."""

import streamlit as st

from app.components.assignment_front import assignment_front
from app.paths.assignment_model import QUESTION_WORDS, AssignmentView, assigned_frame, front_frame
from app.paths.front import BUDGET, KEY, figure_data, moved
from app.paths.scores import MATRIX_WORDS
from app.paths.trained import show_trained, train_button
from app.ui.downloads import csv_button
from app.ui.formatting import amount, cost_share, percent
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.seed_means import seeds_words
from app.ui.url_state import choice, whole_number
from app.ui.written_table import show_written
from core.families.multipath.assignment import AssignmentQuestion
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

_USUAL_BUDGET = 80


def show_assignment(results: MultiPathResults, study: Study) -> None:
    """Show the best assignment within a budget, and that of every other budget.

    Args:
        results: With a measured matrix.
        study: The study.
    """
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        question = choice(
            "Cost of", list(AssignmentQuestion), "question", labels=QUESTION_WORDS, help=explain("path question")
        )
        unit = unit_input(study)
        budget = whole_number("Budget, %", 1, 100, _USUAL_BUDGET, BUDGET, help=explain("path budget"), width=130)
    view = AssignmentView.of(results, study.backbone, unit, question)
    if view is None:
        st.info("No seed has measured every task at every exit yet.", icon=":material/hourglass_empty:")
        return
    assignment_front(key=KEY, data=figure_data(view, budget, study.name), on_budget=moved)
    found = view.within(budget / 100)
    if found is not None:
        show_trained(results, found.exits)
        with st.container(horizontal=True, gap="small"):
            if study.specification is not None:
                train_button(results, found.exits)
            csv_button("Assignment as CSV", assigned_frame(view, found), "branchwise-paths-assignment.csv")
    assert results.matrix is not None
    st.caption(
        "Assignments are chosen on the validation split: the curve, “Δ, validation” and “loses” are of it. The mean Δ "
        "in the sentence and “Δ, test” are of the test split. Equal task weights, "
        f"{seeds_words(results.matrix.gains['test'])}. {MATRIX_WORDS}",
        help=explain("matrix network"),
    )
    _show_front(view)


def _show_front(view: AssignmentView) -> None:
    fold = st.expander("Every budget as a table", icon=":material/table:", on_change="rerun", key="paths-front-table")
    if not fold.open:
        return
    frame = front_frame(view)
    with fold:
        show_written(
            frame,
            {"cost": lambda value: amount(value, view.unit), "share of cost": lambda value: cost_share(value / 100),
             **dict.fromkeys(("mean Δ, validation", "mean Δ, test"), percent)},
            hide_index=True,
            alt="The best assignment of tasks to exits for every budget",
        )  # fmt: skip
        csv_button("Every budget as CSV", frame, "branchwise-paths-budgets.csv")
