"""Predictions judged by training."""

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.agreement import agreement_figure
from app.plane.scene import Scene
from app.ui.formatting import escape, layout_sentence, percent, share
from app.ui.glossary import explain
from app.ui.page_frame import how_computed
from core.estimators.agreement import Correlation, Estimate, attainable
from core.families.layouts.baselines import Baseline, Method
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView

NOTE = r"""
Every layout below was trained from seeds that the two-task table never saw, and is judged on the test split. The
prediction of task $i$ is the mean, over its partners $j$, of what $i$ reached next to $j$ in a two-task network
with the same branch point: $\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$; the score is $\sum_i
w_i\hat\Delta_i$ (*A Tree-Structured Multi-Task Model Recommender*, §3.1). The paper's "Pearson's γ" of two rankings
is the Spearman correlation of the scores. *Weighted* compares the score with the same-weighted trained Δ, *plain
mean* with the mean of the trained Δ. Brackets: 90 % of bootstrap draws over layouts and seeds. The noise ceiling is
the correlation $r$ of one half of the oracle's seeds with the other half; a prediction without any noise, judged by
all seeds, would reach about $\sqrt{2r/(1+r)}$ (Spearman–Brown). The baselines choose among the same trained layouts.
*What-to-Share* goes by the total dissimilarity $\sum_b$ (mean over the groups at $b$ of the largest distance
inside), a single task counting 0 (*Branched Multi-Task Networks*, §3.3 with $\alpha=0$). Its distances here are 1 −
similarity after each block: the single-task networks see the same validation pictures, $1-r$ of any two pictures'
features says how far apart a network holds them, and the similarity of two tasks is the Spearman correlation of
these tables (representation similarity analysis); the paper trains recombined networks instead. *Task grouping*
goes by our prediction, but only among layouts with the same groups at every block.
"""


def show_evaluation(scene: Scene, budget: float) -> None:
    """Show predicted against trained, with correlations, noise ceiling and baselines; the budget is a fraction."""
    trained = scene.trained
    if trained is None:
        st.info("No layout of this study was trained yet, so the predictions can't be judged here.")
        return
    found = trained.agreement
    left, right = st.columns([3, 2])
    with left:
        figures = [trained.figures(layout) for layout in trained.oracle.layouts]
        st.plotly_chart(
            agreement_figure(
                trained.predicted,
                trained.scores,
                np.array([f.score_low for f in figures if f]),
                np.array([f.score_high for f in figures if f]),
                [layout_sentence(layout, scene.view.tasks) for layout in trained.oracle.layouts],
            ),
            key="agreement",
            alt=f"Trained against predicted Δ of {found.n} layouts",
        )
    with right:
        st.dataframe(
            pd.DataFrame(
                [
                    _row("Spearman", found.spearman),
                    _row("Pearson", found.pearson),
                    _row("Kendall", found.kendall),
                    _row("noise ceiling, split-half", found.ceiling),
                    {
                        "": "perfect prediction, about",
                        "weighted": _attainable(found.ceiling.weighted),
                        "plain mean": _attainable(found.ceiling.mean),
                    },
                ]
            ),
            hide_index=True,
            alt="Correlations of predicted and trained Δ",
        )
        st.caption(
            f"{found.n} layouts, {found.n_seeds} seeds. Choosing the predicted best loses "
            f"{found.regret:.1f} % of Δ against the best trained one; training the predicted top five first, "
            f"{found.regret_of_top_five:.1f} %.",
            help=explain("spearman", "pearson", "kendall", "noise ceiling"),
        )
        best = trained.front[-1]
        st.caption(f"Best trained: {escape(layout_sentence(best.layout, scene.view.tasks))}, {percent(best.score)}.")
    _show_rivals(scene.view, trained, budget)
    how_computed(NOTE, "How is this judged?")


def _show_rivals(view: BudgetView, trained: TrainedView, budget: float) -> None:
    st.markdown(
        "**Ours against other published ways to choose**, judged by the same trained layouts",
        help=explain("what-to-share", "task grouping", "spearman"),
    )
    limit = share(budget)
    st.dataframe(
        pd.DataFrame([_baseline_row(baseline, view, trained, budget) for baseline in trained.baselines]).rename(
            columns={"takes": f"takes within {limit}"}
        ),
        hide_index=True,
        alt=f"Rankings by three methods against training, and what each takes within a budget of {limit}",
    )
    missing = any(baseline.method is Method.WHAT_TO_SHARE and not baseline.places for baseline in trained.baselines)
    st.caption(
        "What-to-Share without a complexity term always prefers independent networks, whose total dissimilarity is 0, "
        "so within a budget it takes the layout of the smallest dissimilarity that fits."
        + (" How alike the tasks of this study are is not measured yet: run the study again." if missing else "")
    )


def _baseline_row(baseline: Baseline, view: BudgetView, trained: TrainedView, budget: float) -> dict[str, str | int]:
    found, chosen = baseline.spearman, trained.chosen_by(baseline, budget * view.independent)
    return {
        "": baseline.method.value,
        "layouts": len(baseline.places),
        "Spearman, weighted": "–" if found is None else _written(found.weighted),
        "Spearman, plain mean": "–" if found is None else _written(found.mean),
        "takes": "–" if chosen is None else layout_sentence(chosen.layout, view.tasks),
        "its trained Δ": "–" if chosen is None else percent(chosen.score),
    }


def _row(name: str, pair: Correlation) -> dict[str, str]:
    return {"": name, "weighted": _written(pair.weighted), "plain mean": _written(pair.mean)}


def _attainable(split_half: Estimate) -> str:
    value = None if split_half.value is None else attainable(split_half.value)
    return "–" if value is None else f"{value:.2f}"


def _written(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    ends = "" if estimate.low is None or estimate.high is None else f"  [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{ends}"
