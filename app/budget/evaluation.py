"""Predicted against measured gains."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts.agreement import agreement_figure
from app.figures.agreement import agreement_menu
from app.plane.basis import judged_basis, measured_basis
from app.plane.judged import cheap_sentence, estimate_words, regret_sentence, regret_words, way_name
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import budget_share, escape, percent, plural
from app.ui.glossary import explain
from app.ui.layout_words import layout_sentence
from app.ui.page_frame import how_computed
from app.ui.plotly import plotly_chart
from app.ui.written_table import SENTENCES, row_height
from core.estimators.agreement import Correlation
from core.families.layouts.baselines import Baseline, Method
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView

# What the ways that need measurements of their own lack.
_MEASURED_BY = {
    Method.AFFINITY: "The recombined networks of this study are not trained: request them on Train.",
    Method.WHAT_TO_SHARE: "The similarity of the tasks of this study is not measured yet: run the study again.",
}
NOTE = r"""
Every layout below was trained with seeds that the two-task table never saw, and measured on the test split. The
predicted gain follows the estimator that is chosen above (see *How is this computed?*); the "Pearson's γ" of two
rankings in Zhang et al., *A Tree-Structured Multi-Task Model Recommender* (TreeMTL), is the Spearman correlation of the
scores. *Weighted* compares the score with the same-weighted measured gain Δ, *plain mean* with the mean of the measured
gain Δ. *Within cost strata* is the mean Spearman correlation within quarters of layouts of similar cost (fewer groups
where they would hold less than three layouts): low cost alone has 0 there. Brackets: 90 % of bootstrap draws over
layouts and, but for split-half reliability, seeds; the noise of the two-task table is not in them. *Split-half
reliability* is the Spearman correlation $r$ of one half of the seeds with the other half. The *noise ceiling* is what
a prediction without noise, compared with the mean of all seeds, would reach: about $\sqrt{2r/(1+r)}$ (Spearman–Brown),
with the ends of the interval of $r$. *Regret* is the gain that a choice lacks against the best trained layout, which is
chosen on the validation split of half of the seeds and judged, as the choice is, on the test split of the others: the
best of noisy results looks better than it is. The baselines choose among the same trained layouts. *Low cost* ranks
the cheapest first. A *random layout* has Spearman 0; the bracket holds 90 % of random orders. *Greedy cuts* start
fully shared and always take the cut that predicts the most. *Affinity* and *What-to-Share* rank by the total
dissimilarity $\sum_b$ (mean over the groups at $b$ of the largest distance inside), a single task counting 0 (*Branched
Multi-Task Networks*, §3.3 with $\alpha=0$): the first with distances from recombined networks, the second with
1 − similarity after each block, where the similarity of two tasks is the Spearman correlation of the distances $1-r$
that their single-task networks see between the same validation images (representation similarity analysis). *Task
grouping* ranks by the predicted gain, but only among layouts with the same groups at every block.
"""


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
        seeds = trained.oracle.test @ scene.view.weights.values
        plotly_chart(
            agreement_figure(
                trained.predicted,
                trained.scores,
                seeds.min(axis=0),
                seeds.max(axis=0),
                [layout_sentence(layout, scene.view.tasks) for layout in trained.oracle.layouts],
            ),
            key="agreement",
            alt=f"Measured against predicted gain Δ of {found.n} layouts",
        )
        st.caption(judged_basis(trained))
        agreement_menu(trained)
    if found.n == 1:
        right.caption(_only_words(scene, trained))
        return
    ways = cached.baselines(scene)
    with right:
        st.dataframe(
            pd.DataFrame(
                [
                    _row("Spearman", found.spearman),
                    *([_row("– within cost strata", found.strata)] if found.strata else []),
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
            f"{plural(found.n, 'layout')}, {plural(found.n_seeds, 'seed')}. {regret_sentence(found)}",
            help=explain("spearman", "pearson", "kendall", "cost strata", "split-half reliability", "noise ceiling"),
        )
        if said := cheap_sentence(found, ways):
            st.caption(said)
        best = trained.best
        st.caption(
            f"Best trained layout, chosen on the validation split: "
            f"{escape(layout_sentence(best.layout, scene.view.tasks))}, {percent(best.score)} "
            f"({measured_basis(trained)})."
        )
    _show_baselines(scene.view, trained, ways, budget)
    how_computed(NOTE, "How are predictions evaluated?")


def _show_baselines(view: BudgetView, trained: TrainedView, ways: Sequence[Baseline], budget: float) -> None:
    st.markdown(
        "**Comparison with other selection methods** on the same trained layouts",
        help=explain("what-to-share", "task grouping", "greedy cuts", "spearman", "cost strata"),
    )
    limit = budget_share(budget)
    rows = [_baseline_row(baseline, view, trained, budget) for baseline in ways]
    st.dataframe(
        pd.DataFrame(rows).rename(columns={"selects": f"selects within {limit}"}),
        hide_index=True,
        column_config={f"selects within {limit}": st.column_config.TextColumn(width=SENTENCES)},
        row_height=row_height(str(row["selects"]) for row in rows),
        height="content",
        alt=f"Rank correlation of {len(ways)} methods with measured gains, their regret, and what each selects within "
        f"a budget of {limit}",
    )
    unmeasured = [way.name for way in ways if way.method in _MEASURED_BY and not way.places]
    st.caption(
        "Without a complexity term affinity and What-to-Share always prefer single-task networks, whose total "
        "dissimilarity is 0; within a budget they select the layout with the smallest dissimilarity. Measured gain Δ, "
        f"and what the correlations are with: {measured_basis(trained)}."
        + "".join(f" {_MEASURED_BY[way.method]}" for way in ways if way.name in unmeasured)
    )


def _baseline_row(baseline: Baseline, view: BudgetView, trained: TrainedView, budget: float) -> dict[str, str | int]:
    chosen = trained.chosen_by(baseline, view.limit(budget))
    spearman, strata, name = baseline.spearman, baseline.strata, way_name(baseline)
    return {
        "": f"{name[0].upper()}{name[1:]}",
        "selects": "–" if chosen is None else layout_sentence(chosen.layout, view.tasks),
        "measured gain Δ": "–" if chosen is None else percent(chosen.score),
        "Spearman": "–" if spearman is None else estimate_words(spearman.weighted),
        "within cost strata": "–" if strata is None else estimate_words(strata.weighted),
        "regret, points": "–" if baseline.regret is None else regret_words(baseline.regret),
        "layouts": len(baseline.places),
    }


def _row(name: str, pair: Correlation) -> dict[str, str]:
    return {"": name, "weighted": estimate_words(pair.weighted), "plain mean": estimate_words(pair.mean)}


def _only_words(scene: Scene, trained: TrainedView) -> str:
    """Return what is known where one layout is trained: no order, and so neither correlation nor regret."""
    (only,) = trained.choices
    return (
        f"One layout is trained, so nothing can be ranked: {escape(layout_sentence(only.layout, scene.view.tasks))}. "
        f"Its predicted gain Δ is {percent(float(trained.predicted[0]))}, and {percent(only.score)} was measured on "
        f"the same weights ({measured_basis(trained)}). Train others to compare predictions with."
    ).replace(" %", "\u00a0%")
