"""How sure the recommendation is, what one decision costs, and what to measure next."""

from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.agreement import regret_figure
from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import escape, layout_sentence, percent, share
from app.ui.glossary import explain
from app.ui.page_frame import how_computed, show_errors
from core.estimators.prediction import AssociatedModel, associated_models
from core.layouts import Layout

NOTE = """
The measured seeds are drawn again with repetition, whole seeds at a time, since all cells of a task share one
single-task baseline; each redrawn table gives a best layout within the budget. *Chosen* is the share of redrawn
tables in which a layout is that best one. The regret map fixes the branch point of one pair and searches all other
layouts again: the number is the Δ lost against the best. *Worth* of a run is the Δ that the layout chosen after it
is expected to gain over today's choice, averaged over what the run may show (preposterior analysis).
"""
_MAX_PAIRS = 15
_DRAWN_PAIRS = 3


def show_uncertainty(scene: Scene, budget: float, current: Layout | None) -> None:
    """Show choice frequencies, the regret map, the associated two-task networks and the runs worth making."""
    view = scene.view
    limit = budget * view.independent
    st.caption(view.spread.value, help=explain("bootstrap"))
    left, right = st.columns(2)
    with left, show_errors():
        st.markdown("**Which layouts do redrawn tables choose within this budget?**")
        frequencies = cached.frequencies(scene, limit)
        st.dataframe(
            pd.DataFrame(
                {
                    "layout": [layout_sentence(row.layout, view.tasks) for row in frequencies.layouts[:8]],
                    "chosen": [100 * row.share for row in frequencies.layouts[:8]],
                }
            ),
            hide_index=True,
            column_config={"chosen": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)},
            alt="How often each layout is chosen",
        )
    with right, show_errors():
        st.markdown("**What does it cost to fix how much a pair shares?**")
        _regret(scene, limit)
    if current is not None:
        _associated(scene, current)
    _next_runs(scene, limit)
    how_computed(NOTE, "How sure, and how is that counted?")


def _regret(scene: Scene, limit: float) -> None:
    view = scene.view
    pairs = list(combinations(range(len(view.tasks)), 2))
    if len(pairs) > _MAX_PAIRS:
        st.info(f"{len(pairs)} pairs are too many to search one by one here. The map is drawn for up to six tasks.")
        return
    loss = cached.regret(scene, limit)
    st.plotly_chart(
        regret_figure(
            np.array([loss[i, j] for i, j in pairs]), [f"{view.tasks[i]} · {view.tasks[j]}" for i, j in pairs]
        ),
        key="regret",
        alt="Δ lost when a pair must share exactly b blocks",
    )


def _associated(scene: Scene, layout: Layout) -> None:
    """Draw the two-task networks a prediction is the mean of (Figure 2 of the paper); a table where they are many."""
    view = scene.view
    models = associated_models(layout, view.study.table)
    st.markdown("**The measured two-task networks behind the layout above**")
    if len(models) <= _DRAWN_PAIRS:
        for column, model in zip(st.columns(len(models)), models, strict=True):
            with column.container(border=True):
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
    delta = st.column_config.NumberColumn(format="%+.1f %%")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Δ first": delta, "Δ second": delta},
        alt="The two-task networks a prediction is the mean of",
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
    st.markdown("**Which two-task training would be worth most?**")
    with show_errors():
        runs = cached.next_runs(scene, limit)[:6]
        if not runs or runs[0].gain < 0.005:
            st.caption("No further run is expected to change this recommendation.")
            return
        frame = pd.DataFrame(
            {
                "pair": [f"{view.tasks[run.tasks[0]]} · {view.tasks[run.tasks[1]]}" for run in runs],
                "blocks shared": [run.branch_point for run in runs],
                "worth": [percent(run.gain, 2) for run in runs],
                "changes the choice": [share(run.change_probability) for run in runs],
                "so far": ["one more seed" if run.measured else "not measured" for run in runs],
            }
        )
        st.dataframe(frame, hide_index=True, alt="Runs that could change the recommendation most")
