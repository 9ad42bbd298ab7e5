"""Confidence in the recommendation, the cost of fixing one pair, and what to measure next."""

from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.agreement import regret_figure
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.plane.basis import predicted_split
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import MORE_SEEDS, WITHOUT_INTERVALS, escape, layout_sentence, percent, share
from app.ui.glossary import explain
from app.ui.page_frame import how_computed, show_errors
from app.ui.written_table import row_height, show_written
from core.estimators.prediction import AssociatedModel, associated_models
from core.estimators.resampling import Spread
from core.layouts import Layout

NOTE = """
Bootstrap: measured seeds are drawn with replacement, whole seeds at a time, because all cells of a task share one
single-task baseline; the task weights stay as they are. Each sample gives a best layout within the budget. *Selected*
is the share of samples in which a layout is the best. Few seeds make this share too sure of itself. The interval of a
gain is Student's 90 % interval over the scores of the seeds, and two layouts are *equal within noise* if the interval
of their difference, seed by seed, includes 0. Of the layouts that equal the best one within the budget, the cheapest is
recommended. The regret map fixes the branch point of one pair and searches all layouts with it: the number is
the predicted gain lost against the best. The *expected gain* of a run is the gain that the layout selected after the
run is expected to have over the current one, averaged over the possible results of the run (preposterior analysis).
"""
_SPREADS = {
    Spread.SEEDS: "Seeds are resampled as a whole, because all cells of a task share one baseline per seed.",
    Spread.STDERR: "Cells are resampled from their standard errors; half of the variance comes from the "
    "baseline that the cells of a task share.",
    Spread.NONE: f"Confidence is {WITHOUT_INTERVALS}. {MORE_SEEDS}",
}
_MAX_PAIRS = 15
_DRAWN_PAIRS = 3


def show_uncertainty(scene: Scene, budget: float, current: Layout | None) -> None:
    """Show selection frequencies, the regret map, the associated two-task networks and the most useful runs."""
    view = scene.view
    limit = view.limit(budget)
    st.caption(_spread_words(scene), help=explain("bootstrap"))
    grid = st.grid(2 if view.knows_noise else 1, min_column_width=400)
    if view.knows_noise:
        with grid.cell(), show_errors():
            st.markdown("**Which layouts are selected within this budget?**")
            _frequencies(scene, budget)
    with grid.cell(), show_errors():
        st.markdown("**What is lost when a pair must share a given number of blocks?**")
        _regret(scene, limit)
    if current is not None:
        _associated(scene, current)
    if view.knows_noise:
        _next_runs(scene, limit)
    how_computed(NOTE, "How is confidence computed?")


def _spread_words(scene: Scene) -> str:
    return _SPREADS[scene.view.spread if scene.view.knows_noise else Spread.NONE]


def _frequencies(scene: Scene, budget: float) -> None:
    view = scene.view
    found = view.certainty.selected(round(100 * budget))[:8]
    sentences = [layout_sentence(layout, view.tasks) for layout, _ in found]
    st.dataframe(
        pd.DataFrame({"selected": [100 * share for _, share in found], "layout": sentences}),
        hide_index=True,
        column_config={
            "selected": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=110),
            "layout": st.column_config.TextColumn(width=290),
        },
        row_height=row_height(sentences, 290),
        alt="Share of bootstrap samples in which each layout is selected",
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
    st.plotly_chart(
        regret_figure(
            np.array([loss[i, j] for i, j in pairs]), [f"{view.tasks[i]} · {view.tasks[j]}" for i, j in pairs]
        ),
        key="regret",
        alt="Predicted gain lost when a pair must share exactly b blocks",
    )


def _associated(scene: Scene, layout: Layout) -> None:
    """Draw the two-task networks that a prediction averages (Figure 2 of TreeMTL), or list them if they are many."""
    view = scene.view
    models = associated_models(layout, view.study.table)
    st.markdown("**Measured two-task networks that predict the layout above**")
    st.caption(f"Gain Δ of each task against its single-task network; {predicted_split(view)}.")
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
        placeholder="–",
        alt="The two-task networks that the prediction averages",
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


def _next_runs(scene: Scene, limit: float) -> None:
    view = scene.view
    st.markdown("**Which two-task run would help most?**")
    with show_errors():
        runs = cached.next_runs(scene, limit)[:6]
        if not runs or runs[0].gain < 0.005:
            st.caption("No single further run is expected to change this recommendation.")
            return
        frame = pd.DataFrame(
            {
                "pair": [f"{view.tasks[run.tasks[0]]} · {view.tasks[run.tasks[1]]}" for run in runs],
                "blocks shared": [run.branch_point for run in runs],
                "expected gain": [percent(run.gain, 2) for run in runs],
                "chance to change the selection": [share(run.change_probability) for run in runs],
                "measured so far": ["yes, one more seed" if run.measured else "no" for run in runs],
            }
        )
        st.dataframe(frame, hide_index=True, alt="Runs that could change the recommendation most")
