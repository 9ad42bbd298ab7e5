"""Choose a budget, see which exit each task uses."""

import plotly.graph_objects as go
import streamlit as st

from app.paths.assignment_model import QUESTION_WORDS, AssignmentView, assigned_frame, cost_words, front_frame, headline
from app.paths.scores import seeds_sentence
from app.paths.trained import show_trained
from app.ui.downloads import csv_button
from app.ui.formatting import amount, minus, percent
from app.ui.glossary import explain
from app.ui.inputs import unit_input
from app.ui.url_state import choice, slider
from app.ui.written_table import show_written
from core.families.multipath.assignment import Assignment, AssignmentQuestion
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
        with st.container(width=260):
            budget = slider(
                "Budget", 1, 100, _USUAL_BUDGET, "path_budget", format="%d %%", help=explain("path budget")
            ) / 100  # fmt: skip
    view = AssignmentView.of(results, study.backbone, unit, question)
    if view is None:
        st.info("No seed has measured every task at every exit yet.", icon=":material/hourglass_empty:")
        return
    found = view.within(budget)
    st.markdown(headline(view, found, budget))
    grid = st.grid(2, min_column_width=420)
    with grid.cell(), st.container(border=True):
        st.plotly_chart(front_figure(view, found, budget), key="paths-front", alt=_spoken(view))
    with grid.cell():
        if found is not None:
            _show_assigned(view, found)
            show_trained(results, study, found.exits)
    assert results.matrix is not None
    st.caption(
        "Chosen on the validation split, reported on the test split. "
        f"{seeds_sentence(results.matrix.gains['test'], 'test')} "
        "Gains are those of the network with a head of every task at every exit, an optimistic predictor of a network "
        "trained with these exits alone.",
        help=explain("matrix network"),
    )
    _show_front(view)


def front_figure(view: AssignmentView, found: Assignment | None, budget: float) -> go.Figure:
    """Return the best mean Δ for every budget as a staircase, the budget and the assignment within it."""
    figure = go.Figure()
    costs = [100 * view.share_of(each) for each in view.front]
    scores = [each.score for each in view.front]
    words = [f"exits {'/'.join(str(exit_ + 1) for exit_ in each.exits)}: {percent(each.score)}" for each in view.front]
    figure.add_scatter(
        x=[*costs, 104], y=[*scores, scores[-1]], customdata=[*words, words[-1]], mode="lines+markers",
        line={"shape": "hv"}, name="best within a budget", hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=100 * budget, line_width=2, line_dash="dash", line_color="#7E8A8C")
    if found is not None:
        figure.add_scatter(
            x=[100 * view.share_of(found)], y=[found.score], mode="markers", name="chosen", hoverinfo="skip",
            marker={"size": 15, "symbol": "circle-open", "line": {"width": 3}},
        )  # fmt: skip
    figure.update_layout(
        height=300, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest",
        xaxis={"title": f"cost, % of the whole ({cost_words(view.whole, view.unit)})", "range": [0, 104]},
        yaxis={"title": "predicted mean Δ, %"}, legend={"orientation": "h", "y": -0.3, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _show_assigned(view: AssignmentView, found: Assignment) -> None:
    frame = assigned_frame(view, found)
    show_written(
        frame,
        {
            **dict.fromkeys(("Δ, validation", "Δ, test", "Δ low", "Δ high"), percent),
            **dict.fromkeys(("usage", "share of path"), lambda value: f"{value:.0f} %"),
            **dict.fromkeys(("loses (points)", "± test"), lambda value: minus(f"{value:.1f}")),
            "path": lambda value: amount(value, view.unit),
        },
        hide_index=True,
        column_order=[
            "task",
            "exit",
            "usage",
            "Δ, validation",
            "loses (points)",
            "Δ, test",
            "± test",
            "share of path",
        ],
        alt="The exit of each task within the budget, and what it loses",
    )
    csv_button("Assignment as CSV", frame, "branchwise-paths-assignment.csv")


def _show_front(view: AssignmentView) -> None:
    fold = st.expander("Every budget as a table", icon=":material/table:", on_change="rerun", key="paths-front-table")
    if not fold.open:
        return
    frame = front_frame(view)
    with fold:
        show_written(
            frame,
            {"cost": lambda value: amount(value, view.unit), "share of cost": lambda value: f"{value:.1f} %",
             "mean Δ": percent},
            hide_index=True,
            alt="The best assignment of tasks to exits for every budget",
        )  # fmt: skip
        csv_button("Every budget as CSV", frame, "branchwise-paths-budgets.csv")


def _spoken(view: AssignmentView) -> str:
    return "Best assignment for every budget: " + "; ".join(
        f"{view.share_of(each):.0%} of the cost, exits {'/'.join(str(exit_ + 1) for exit_ in each.exits)}, "
        f"mean Δ {percent(each.score)}"
        for each in view.front[:40]
    )
