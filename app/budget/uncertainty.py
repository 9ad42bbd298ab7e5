"""Confidence in the recommendation, the cost of fixing one pair, and what to measure next."""

from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.agreement import regret_figure
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.families.layouts.choice import worth_training
from app.families.layouts.training_table import show_trainings
from app.jobs.auto_words import goal_words
from app.jobs.next_training import goal_of, next_trainings
from app.plane.basis import predicted_basis, predicted_split
from app.plane.confidence import caution, few_seeds, points, samples_word
from app.plane.grain import grain_sentence
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import MORE_SEEDS, WITHOUT_INTERVALS, escape, percent, share
from app.ui.glossary import explain
from app.ui.layout_words import layout_sentence
from app.ui.page_frame import how_computed, show_errors
from app.ui.plotly import plotly_chart
from app.ui.written_table import row_height, show_written
from core.estimators.prediction import AssociatedModel, Estimator, associated_models
from core.estimators.resampling import Spread
from core.layouts import Layout

NOTE = """
*Best in*: 300 times the table is drawn anew, and each time the layouts within the budget are searched: the share of
draws in which a layout is the best. *Within the tolerance*: the share in which it lacks no more than the tolerance
chosen above. With the estimators paper and blockwise, measured seeds are drawn with replacement, whole seeds at a time,
because all cells of a task share one single-task baseline per seed; few seeds make these shares too sure of themselves.
With bayes, tables are drawn from their posterior. The weights of the tasks stay as they are. The interval of a gain is
Student's 90 % interval over the scores of the seeds (with bayes, of the posterior with the noise of new seeds), and two
layouts are *equal within noise* if the interval of their difference includes 0. The interval of a measured gain takes
noise to be as large for all trained layouts and estimates it from all of them. Of the layouts that equal the best one
within the budget, the cheapest is recommended; but where the best is predicted no worse than single-task networks, none
below them, unless its interval excludes a loss of more than 0.2 points: that noise hides a difference does not show
that there is none. The regret map fixes the branch point of one pair and searches all
layouts with it: the number is the predicted gain lost against the best. The *expected gain* of a training is the gain
that the layout recommended after it is expected to have over the one before, averaged over its possible results
(preposterior analysis with the posterior of *bayes*); trainings are ordered by expected gain per second.
"""
_SPREADS = {
    Spread.SEEDS: "Seeds are resampled as a whole, because all cells of a task share one baseline per seed.",
    Spread.STDERR: "Cells are resampled from their standard errors; half of the variance comes from the "
    "baseline that the cells of a task share.",
    Spread.POSTERIOR: Spread.POSTERIOR.value,
    Spread.TRAINED: Spread.TRAINED.value,
    Spread.NONE: f"Confidence is {WITHOUT_INTERVALS}. {MORE_SEEDS}",
}
# What the measured pairs have to do with a prediction.
_USES = {
    Estimator.PAPER: "The prediction is their mean.",
    Estimator.BLOCKWISE: "The prediction adds what their gain changes from block to block.",
    Estimator.BAYES: "The prediction adds what their gain changes from block to block, without their noise.",
}
_NO_TRAINING = (
    "No single further training is expected to raise the gain of what Bayes would choose by a displayed amount. That "
    "says nothing of how often the layout above is the best: a cheaper one is preferred where noise hides a difference."
)
_MAX_PAIRS = 15
_LAYOUT = 250
_MOST_SHOWN = 6
_DRAWN_PAIRS = 3


def show_uncertainty(scene: Scene, budget: float, current: Layout | None, tolerance: float) -> None:
    """Show selection frequencies, the regret map, the associated two-task networks and the most useful runs."""
    view = scene.view
    limit = view.limit(budget)
    st.caption(
        escape(f"{_spread_words(scene)} {grain_sentence(view.study)}".rstrip()),
        help=explain("bootstrap", "within noise"),
    )
    grid = st.grid(2 if view.knows_noise else 1, min_column_width=400)
    if view.knows_noise:
        with grid.cell(), show_errors():
            st.markdown("**Which layouts are selected within this budget?**")
            _frequencies(scene, budget, tolerance)
    with grid.cell(), show_errors():
        st.markdown("**What is lost when a pair must share a given number of blocks?**")
        _regret(scene, limit)
    if current is not None:
        _associated(scene, current)
    if view.knows_noise:
        _next_runs(scene, budget)
    how_computed(NOTE, "How is confidence computed?")


def _spread_words(scene: Scene) -> str:
    view = scene.view
    said = _SPREADS[view.spread if view.knows_noise else Spread.NONE]
    few = few_seeds(view) if view.knows_noise else ""
    return " ".join(
        filter(
            None,
            (said, f"{few.capitalize()}: how much seeds differ is assumed, not seen." if few else caution(view)),
        )
    )


def _frequencies(scene: Scene, budget: float, tolerance: float) -> None:
    view = scene.view
    found = view.certainty.selected(budget)[:_MOST_SHOWN]
    advice = view.recommended(budget)
    recommended = None if advice is None else view.front[advice.place].layout
    if recommended is not None and all(layout != recommended for layout, _ in found):
        found.append((recommended, view.certainty.share(recommended, budget)))
    near = {}
    if tolerance > 0:
        values = [view.certainty.near(layout, budget, tolerance) for layout, _ in found]
        near[f"within {points(tolerance)}"] = values
    sentences = [layout_sentence(layout, view.tasks) for layout, _ in found]
    show_written(
        pd.DataFrame({"best in": [part for _, part in found], **near, "layout": sentences}),
        dict.fromkeys(["best in", *near], share),
        hide_index=True,
        column_config={"layout": st.column_config.TextColumn(width=_LAYOUT)},
        row_height=row_height(sentences, _LAYOUT),
        height="content",
        alt=f"Share of {samples_word(view)} in which each layout is the best, and nearly so",
    )
    if not view.certainty.complete:
        st.caption("Among the layouts of the Pareto front.")


def _regret(scene: Scene, limit: float) -> None:
    view = scene.view
    pairs = list(combinations(range(len(view.tasks)), 2))
    if len(pairs) > _MAX_PAIRS:
        st.info(f"The map is drawn for up to six tasks; {len(pairs)} pairs would take too long to search.")
        return
    loss = cached.regret(scene, limit)
    plotly_chart(
        regret_figure(
            np.array([loss[i, j] for i, j in pairs]), [f"{view.tasks[i]} · {view.tasks[j]}" for i, j in pairs]
        ),
        key="regret",
        alt="Predicted gain lost when a pair must share exactly b blocks",
    )
    st.caption(f"In points of predicted gain Δ: {predicted_basis(view)}.")


def _associated(scene: Scene, layout: Layout) -> None:
    """Draw the two-task networks that a prediction rests on (Figure 2 of TreeMTL), or list them if they are many."""
    view = scene.view
    models = associated_models(layout, view.study.table)
    measured = "" if view.study.table.holes.any() else "Measured two-task"
    st.markdown(f"**{measured or 'Two-task'} networks that the layout above is predicted from**")
    st.caption(f"Gain Δ of each task against its single-task network; {predicted_split(view)}. {_USES[view.estimator]}")
    if len(models) <= _DRAWN_PAIRS:
        grid = st.grid(_DRAWN_PAIRS, min_column_width=260)
        for model in models:
            with grid.cell(), st.container(border=True, height="stretch"):
                _pair(scene, model)
        return
    rows = [
        {
            "first": view.tasks[model.tasks[0]],
            "second": view.tasks[model.tasks[1]],
            "blocks shared": model.branch_point,
            "Δ first": model.deltas[0],
            "Δ second": model.deltas[1],
        }
        for model in models
    ]
    show_written(
        pd.DataFrame(rows),
        {"Δ first": percent, "Δ second": percent},
        hide_index=True,
        placeholder="not measured",
        alt="The two-task networks that the prediction rests on",
    )


def _pair(scene: Scene, model: AssociatedModel) -> None:
    names = [scene.view.tasks[task] for task in model.tasks]
    layout = Layout.from_branch_points(
        np.array([[scene.view.study.n_blocks, model.branch_point], [model.branch_point, scene.view.study.n_blocks]])
    )
    words = [
        f"{escape(name)} {'not measured' if delta is None else percent(delta)}"
        for name, delta in zip(names, model.deltas, strict=True)
    ]
    drawing(
        tree_drawing(layout, names, scene.view.costs.tolist(), width=340, hues=model.tasks, label=" and ".join(names)),
        key=f"pair-{model.tasks[0]}-{model.tasks[1]}",
    )
    st.caption(" · ".join(words))


def _next_runs(scene: Scene, budget: float) -> None:
    view = scene.view
    st.markdown("**Which training would help most?**")
    with show_errors():
        found = worth_training(next_trainings(scene, budget))[:_MOST_SHOWN]
        if not found:
            st.caption(_NO_TRAINING)
            return
        show_trainings(found, view.tasks, "Trainings that could change the recommendation most")
        st.caption(f"{goal_words(goal_of(scene, budget))}.")
