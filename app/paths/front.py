"""The best assignment for every budget as the browser draws it, and the handler of a dragged budget."""

from collections.abc import Sequence

import streamlit as st

from app.components.assignment_front import FrontEntry, front_data, score_ticks
from app.paths.assignment_model import AssignmentView, cost_words, headline, nothing_fits, where_words
from app.paths.scores import exit_names
from app.ui.downloads import file_stem
from app.ui.formatting import amount, cost_share, percent
from app.ui.seed_means import Mean
from core.families.multipath.assignment import Assignment, AssignmentQuestion

KEY, BUDGET = "assignment_front", "path_budget"
_SPOKEN = 40


def figure_data(view: AssignmentView, budget: int, name: str) -> dict[str, object]:
    """Return the data that the browser draws.

    Args:
        view: The best assignments.
        budget: In percent.
        name: Of the study.
    """
    drawn = view.drawn
    entries = _entries(view, drawn)
    return front_data(
        entries=entries,
        columns=_columns(view),
        ticks=score_ticks([each.score for each in drawn]),
        budget=budget,
        nothing=nothing_fits(view).replace(" %", "\u00a0%"),
        cost=f"cost, % of the whole backbone for every task ({cost_words(view.whole, view.unit)})",
        spoken="Best assignment for every budget: " + "; ".join(each.short for each in entries[:_SPOKEN]),
        filename=f"branchwise-paths-budget-{file_stem(name)}",
    )


def _columns(view: AssignmentView) -> list[str]:
    usage = ["usage"] if view.question is AssignmentQuestion.ACTIVE else []
    return ["task", "exit", *usage, "Δ, validation", "loses, points", "Δ, test", "path", "of whole"]


def _entries(view: AssignmentView, drawn: Sequence[Assignment]) -> list[FrontEntry]:
    known: dict[tuple[int, int], list[str]] = {}
    found = []
    for each in drawn:
        rows = []
        for place in enumerate(each.exits):
            if place not in known:
                known[place] = _row(view, *place)
            rows.append(known[place])
        share = view.share_of(each)
        short = (
            f"{cost_share(share)} of the cost, {where_words(view, each)}, mean Δ {percent(each.score)} on validation"
        )
        found.append(FrontEntry(share, each.score, headline(view, each), short, rows))
    return found


def _row(view: AssignmentView, task: int, exit_: int) -> list[str]:
    results = view.results
    assert results.matrix is not None
    reported = Mean.of(results.matrix.gains["test"][:, task, exit_])
    lost = float(view.gains[task].max() - view.gains[task, exit_])
    whole = view.costs[-1]
    return [
        results.tasks[task].name,
        exit_names(results)[exit_],
        *([f"{100 * results.usage[task]:.0f} %"] if view.question is AssignmentQuestion.ACTIVE else []),
        percent(float(view.gains[task, exit_])),
        f"{lost:.1f}",
        reported.written,
        amount(float(view.costs[exit_]), view.unit),
        cost_share(view.costs[exit_] / whole) if whole else "–",
    ]


def moved() -> None:
    """Set the budget as it was dragged; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "budget", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(1, 101):
        st.session_state[BUDGET] = int(value)
