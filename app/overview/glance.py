"""Summary of the study: its tasks, pairwise gains, what was measured, and how accurate predictions are."""

import streamlit as st

from app.overview.pairs import show_pairs
from app.plane.basis import weighting
from app.plane.scene import Scene
from app.ui.formatting import plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from app.ui.study_summary import show_facts, show_subject
from core.estimators.agreement import Estimate


def show_glance(scene: Scene) -> None:
    """Show the summary."""
    study = scene.view.study
    show_subject(study)
    if study.table.is_measured:
        grid = st.grid(2, min_column_width=400)
        with grid.cell(), st.container(border=True, height="stretch"):
            show_pairs(scene)
        facts = grid.cell()
    else:
        facts = st.container()
    with facts, st.container(border=True, height="stretch"):
        show_facts(study)
        _evaluation(scene)


def _evaluation(scene: Scene) -> None:
    study = scene.view.study
    if scene.trained is not None:
        found = scene.trained.agreement
        st.markdown(
            f"**How accurate are the predictions?** {plural(found.n, 'layout')} trained, "
            f"{plural(found.n_seeds, 'seed')} "
            f"that the table never saw. Spearman correlation of predicted and measured gain: "
            f"{_estimate(found.spearman.weighted)}. Split-half reliability of the measured gains: "
            f"{_estimate(found.split_half.weighted)}; a prediction without noise would reach about "
            f"{_estimate(found.ceiling.weighted)} (noise ceiling). "
            f"Gains: {weighting(scene.view)}, test split. "
            "In brackets: 90 % bootstrap intervals over layouts"
            f"{' and, for predictions, seeds' if found.n_seeds > 1 else ''}.",
            help=explain("spearman", "split-half reliability", "noise ceiling", "oracle"),
        )
        st.page_link(
            PAGES / "budget.py",
            label="Predicted vs measured",
            icon=":material/scatter_plot:",
            query_params={"section": "evaluation"},
        )
    if study.similarity is not None:
        st.page_link(PAGES / "affinity.py", label="Affinity of the tasks", icon=":material/grid_on:", query_params={})


def _estimate(found: Estimate) -> str:
    if found.value is None:
        return "unknown"
    interval = f" ({found.low:.2f} to {found.high:.2f})" if found.low is not None and found.high is not None else ""
    return f"**{found.value:.2f}**{interval}"
