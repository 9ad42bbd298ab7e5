"""Predicted against measured gains."""

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.agreement import agreement_figure
from app.plane.scene import Scene
from app.ui.formatting import escape, layout_sentence, percent, plural, share
from app.ui.glossary import explain
from app.ui.page_frame import how_computed
from app.ui.written_table import SENTENCES, row_height
from core.estimators.agreement import Agreement, Correlation, Estimate
from core.families.layouts.baselines import Baseline, Method
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView

NOTE = r"""
Every layout below was trained with seeds that the two-task table never saw, and measured on the test split. The
predicted gain of task $i$ is the mean, over the other tasks $j$, of its gain in the two-task network with $j$ at the
same branch point: $\hat\Delta_i=\frac1{T-1}\sum_{j\ne i}P_{i,j,b_{ij}}$; the score is $\sum_i w_i\hat\Delta_i$ (Zhang
et al., *A Tree-Structured Multi-Task Model Recommender*, TreeMTL, §3.1). The "Pearson's γ" of two rankings in TreeMTL
is the Spearman correlation of the scores. *Weighted* compares the score with the same-weighted measured gain Δ,
*plain mean* with the mean of the measured gain Δ. Brackets: 90 % of bootstrap draws over layouts and, for
predictions, seeds. *Split-half reliability* is the Spearman correlation $r$ of one half of the seeds with the other
half. The *noise ceiling* is what a prediction without noise, compared with the mean of all seeds, would reach: about
$\sqrt{2r/(1+r)}$ (Spearman–Brown). The baselines choose among the same trained layouts. *What-to-Share* ranks by the
total dissimilarity $\sum_b$ (mean over the groups at $b$ of the largest distance inside), a single task counting 0
(*Branched Multi-Task Networks*, §3.3 with $\alpha=0$). Its distances here are 1 − similarity after each block: the
single-task networks see the same validation images, $1-r$ of the features of two images is their distance in a
network, and the similarity of two tasks is the Spearman correlation of these tables (representation similarity
analysis); Branched MTL trains recombined networks instead. *Task grouping* ranks by the predicted gain, but only
among layouts with the same groups at every block.
"""


_METHODS = {
    Method.OURS: "Predicted gain (Branchwise)",
    Method.WHAT_TO_SHARE: "What-to-Share",
    Method.GROUPING: "Task grouping",
}


def show_evaluation(scene: Scene, budget: float) -> None:
    """Show predicted against measured gains, with correlations, noise ceiling and baselines."""
    trained = scene.trained
    if trained is None:
        st.info("No layout of this study is trained yet, so there is nothing to compare the predictions with.")
        return
    found = trained.agreement
    grid = st.grid(2, min_column_width=400)
    left, right = grid.cell(), grid.cell()
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
            alt=f"Measured against predicted gain Δ of {found.n} layouts",
        )
        st.caption(scene.basis)
    if found.n == 1:
        right.caption(_only_words(scene, trained))
        return
    with right:
        st.dataframe(
            pd.DataFrame(
                [
                    _row("Spearman", found.spearman),
                    _row("Pearson", found.pearson),
                    _row("Kendall", found.kendall),
                    _row("split-half reliability", found.split_half),
                    _row("noise ceiling, approx.", found.ceiling),
                ]
            ),
            hide_index=True,
            alt="Correlations of predicted and measured gain Δ",
        )
        st.caption(
            _regret_words(found),
            help=explain("spearman", "pearson", "kendall", "split-half reliability", "noise ceiling"),
        )
        best = trained.best
        st.caption(
            f"Best trained layout: {escape(layout_sentence(best.layout, scene.view.tasks))}, {percent(best.score)} on "
            "the test split."
        )
    _show_baselines(scene.view, trained, budget)
    how_computed(NOTE, "How are predictions evaluated?")


def _show_baselines(view: BudgetView, trained: TrainedView, budget: float) -> None:
    st.markdown(
        "**Comparison with other selection methods** on the same trained layouts",
        help=explain("what-to-share", "task grouping", "spearman"),
    )
    limit = share(budget)
    rows = [_baseline_row(baseline, view, trained, budget) for baseline in trained.baselines]
    st.dataframe(
        pd.DataFrame(rows).rename(columns={"selects": f"selects within {limit}"}),
        hide_index=True,
        column_config={f"selects within {limit}": st.column_config.TextColumn(width=SENTENCES)},
        row_height=row_height(str(row["selects"]) for row in rows),
        alt=f"Rank correlation of three methods with measured gains, and what each selects within a budget of {limit}",
    )
    missing = any(baseline.method is Method.WHAT_TO_SHARE and not baseline.places for baseline in trained.baselines)
    st.caption(
        "Without a complexity term What-to-Share always prefers single-task networks, whose total dissimilarity is 0; "
        "within a budget it selects the layout with the smallest dissimilarity."
        + (" The similarity of the tasks of this study is not measured yet: run the study again." if missing else "")
    )


def _baseline_row(baseline: Baseline, view: BudgetView, trained: TrainedView, budget: float) -> dict[str, str | int]:
    found, chosen = baseline.spearman, trained.chosen_by(baseline, view.limit(budget))
    return {
        "": _METHODS[baseline.method],
        "selects": "–" if chosen is None else layout_sentence(chosen.layout, view.tasks),
        "measured gain Δ": "–" if chosen is None else percent(chosen.score),
        "Spearman, weighted": "–" if found is None else _written(found.weighted),
        "Spearman, plain mean": "–" if found is None else _written(found.mean),
        "layouts": len(baseline.places),
    }


def _row(name: str, pair: Correlation) -> dict[str, str]:
    return {"": name, "weighted": _written(pair.weighted), "plain mean": _written(pair.mean)}


def _regret_words(found: Agreement) -> str:
    """Return what the predicted best loses against the best trained layout."""
    return (
        f"{plural(found.n, 'layout')}, {plural(found.n_seeds, 'seed')}. Regret: the layout with the best prediction "
        f"has {_less(found.regret)} than the best trained one; the best of the five best predictions has "
        f"{_less(found.regret_of_top_five)}. The best trained layouts are chosen on the validation split; every "
        "gain is of the test split."
    )


def _only_words(scene: Scene, trained: TrainedView) -> str:
    """Return what is known where one layout is trained: no order, and so neither correlation nor regret."""
    (only,) = trained.choices
    return (
        f"One layout is trained, so nothing can be ranked: {escape(layout_sentence(only.layout, scene.view.tasks))}. "
        f"Its predicted gain Δ is {percent(float(trained.predicted[0]))}, and {percent(only.score)} was measured on "
        f"the test split over {plural(trained.agreement.n_seeds, 'seed')}. Train others to compare predictions with."
    ).replace(" %", "\u00a0%")


def _less(regret: float) -> str:
    """Return a loss in words.

    >>> _less(0.23), _less(-0.11), _less(0.01)
    ('0.2 points less gain', '0.1 points more gain', 'no less gain')
    """
    if abs(regret) < 0.05:
        return "no less gain"
    return f"{abs(regret):.1f} points {'less' if regret > 0 else 'more'} gain"


def _written(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    ends = "" if estimate.low is None or estimate.high is None else f"  [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{ends}"
