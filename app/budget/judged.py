"""Predictions judged by training."""

import pandas as pd
import streamlit as st

from app.budget.entries import Scene
from app.charts.agreement import agreement_figure
from app.feedback import how_computed
from app.glossary import explain
from app.words import layout_sentence, percent
from core.estimators.agreement import Correlation, Estimate

NOTE = r"""
Every layout below was trained from seeds that the two-task table never saw, and is judged on the test split. The
prediction of task $i$ is the mean, over its partners $j$, of what $i$ reached next to $j$ in a two-task network
with the same branch point: $\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$; the score is $\sum_i
w_i\hat\Delta_i$ (*A Tree-Structured Multi-Task Model Recommender*, §3.1). The paper's "Pearson's γ" of two rankings
is the Spearman correlation of the scores. *Weighted* compares the score with the same-weighted trained Δ, *plain
mean* with the mean of the trained Δ. Brackets: 90 % of bootstrap draws over layouts and seeds. The noise ceiling is
the correlation of one half of the oracle's seeds with the other half.
"""


def show_judged(scene: Scene) -> None:
    """Show predicted against trained, with correlations, noise ceiling and rivals."""
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
                pd.Series([f.score_low for f in figures if f]).to_numpy(),
                pd.Series([f.score_high for f in figures if f]).to_numpy(),
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
                    _row("noise ceiling", found.ceiling),
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
        st.caption(f"Best trained: {layout_sentence(best.layout, scene.view.tasks)}, {percent(best.score)}.")
    how_computed(NOTE)


def _row(name: str, pair: Correlation) -> dict[str, str]:
    return {"": name, "weighted": _written(pair.weighted), "plain mean": _written(pair.mean)}


def _written(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    ends = "" if estimate.low is None or estimate.high is None else f"  [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{ends}"
